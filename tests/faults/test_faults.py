"""The faults in a short form; at length: `python -m tests.faults --for 10m`."""

import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults import calls, crowded, damaged, fuzzed, killed, places, raced, spoilt
from tests.faults.repertoire import READS, RECODES, WRITES, uncovered

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are forked, and stopped by Linux's own means"
)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_killed_is_as_before_or_as_after(tmp_path: Path, seed: int) -> None:
    killed.try_one(tmp_path, seed)


@pytest.mark.parametrize("seed", [0])
def test_whatever_is_killed_at_a_call_is_as_before_or_as_after(tmp_path: Path, seed: int) -> None:
    if calls.try_one(tmp_path, seed) == calls.SKIPPED:
        pytest.skip(calls.SKIPPED)


@pytest.mark.parametrize("seed", range(2))
def test_an_encrypted_database_is_as_before_or_as_after(tmp_path: Path, seed: int) -> None:
    killed.try_encrypted(tmp_path, seed)


def test_sixteen_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    crowded.try_one(tmp_path, seed=0, seconds=2)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_meets_another_command_ends_as_one_after_the_other(tmp_path: Path, seed: int) -> None:
    assert raced.try_one(tmp_path, seed) != "not met"


def test_a_screen_shows_one_moment_whatever_another_process_writes() -> None:
    assert raced.try_everywhere("today", "delete") == {"rival first", "rival last"}


@pytest.mark.parametrize("scenario", places.SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_place_is_good_enough_or_told(tmp_path: Path, scenario: places.Scenario) -> None:
    if scenario(tmp_path, Random(1)) == places.SKIPPED:  # noqa: S311 - the same every time
        pytest.skip("a small disk can be mounted by root alone")


@pytest.mark.parametrize("seed", [0, 2, 4, 6, 8, 9, 16, 33, 48, 65, 80, 97, 112])
def test_damage_is_told_and_what_is_left_is_saved(tmp_path: Path, seed: int) -> None:
    damaged.try_one(tmp_path, seed)


@settings(max_examples=3)
@given(chance=st.randoms(use_true_random=False))
def test_any_command_line_ends_honestly(tmp_path_factory: pytest.TempPathFactory, chance: Random) -> None:
    fuzzed.try_lines(tmp_path_factory.mktemp("fuzzed"), chance, count=8)


@pytest.mark.parametrize("seed", range(6))
def test_a_value_that_was_replaced_in_a_file_breaks_nothing(tmp_path: Path, seed: int) -> None:
    spoilt.try_one(tmp_path, seed)


def test_every_command_is_fuzzed_but_those_that_run_other_programs() -> None:
    words = {" ".join(command.words) for command in fuzzed.commands()}
    assert {"add", "import", "config set", "restore", "doctor"} <= words
    assert "attachment open" not in words


def test_every_command_is_killed_or_printed_on_a_narrow_terminal() -> None:
    assert uncovered([*WRITES.values(), *RECODES.values(), *READS]) == set()
