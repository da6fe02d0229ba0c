import io
import json
from datetime import datetime
from typing import Any

import pytest

from crmcli.errors import AmbiguousError, UsageError
from crmcli.nouns import noun
from crmcli.render.lines import styled
from crmcli.render.output import Output

ROW = {"id": 1, "name": "张三 [/red]x"}


class Run:
    """An output with its two streams."""

    def __init__(self, **options: Any) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.output = Output(**{"environ": {}, **options}, stdout=self.out, stderr=self.err)

    def printed(self) -> tuple[str, str]:
        return self.out.getvalue(), self.err.getvalue()


@pytest.mark.parametrize(
    ("options", "output"),
    [
        ({}, "Added 张三\n"),
        ({"dry_run": True}, "dry run: Added 张三\n"),
        ({"format": "plain"}, "1\t张三 [/red]x\n"),
        ({"format": "ids"}, "1\n"),
        ({"quiet": True}, "1\n"),
        ({"quiet": True, "format": "json"}, "1\n"),
        ({"format": "jsonl"}, '{"id": 1, "name": "张三 [/red]x"}\n'),
        ({"format": "json"}, '{\n  "id": 1,\n  "name": "张三 [/red]x"\n}\n'),
        ({"format": "csv"}, "id,name\n1,张三 [/red]x\n"),
    ],
)
def test_record(options: dict[str, Any], output: str) -> None:
    run = Run(**options)
    run.output.record(ROW, None, "Added 张三")
    assert run.printed() == (output, "")


def test_records(now: datetime) -> None:
    run = Run()
    run.output.records([ROW], noun("contact"), now=now)
    assert run.printed() == ("Name          Id\n张三 [/red]x   1\n", "")
    run = Run(format="ids")
    run.output.records(iter([ROW, ROW]), noun("contact"), now=now)
    assert run.printed() == ("1\n1\n", "")


def test_card(now: datetime) -> None:
    run = Run()
    run.output.card(ROW, noun("company"), now=now)
    assert run.printed() == ("Id       1\nCompany  张三 [/red]x\n", "")
    run = Run(format="json")
    run.output.card(ROW, noun("company"), now=now)
    assert json.loads(run.printed()[0]) == ROW


def test_document() -> None:
    run = Run(format="json")
    run.output.document({"as_of": "x", "items": [ROW]}, [ROW])
    assert json.loads(run.printed()[0]) == {"as_of": "x", "items": [ROW]}
    run = Run(format="jsonl")
    run.output.document({"as_of": "x", "items": [ROW]}, [ROW])
    assert json.loads(run.printed()[0]) == ROW


@pytest.mark.parametrize(
    ("options", "printed"),
    [
        ({}, ("done\nred\n", "aside\n")),
        ({"format": "plain"}, ("done\nred\n", "aside\n")),
        ({"quiet": True}, ("red\n", "")),
        ({"format": "json"}, ("red\n", "aside\n")),
        (
            {"color": "always"},
            ("done\n\x1b[31mred\x1b[0m\n", "\x1b[2maside\x1b[0m\n"),
        ),
        ({"color": "always", "format": "plain"}, ("done\nred\n", "\x1b[2maside\x1b[0m\n")),
    ],
)
def test_messages_notes_and_screens(options: dict[str, Any], printed: tuple[str, str]) -> None:
    run = Run(**options)
    run.output.message("done")
    run.output.screen([styled("red", "red")])
    run.output.note("aside")
    assert run.printed() == printed


def test_errors_say_what_to_do() -> None:
    run = Run(quiet=True)
    error = AmbiguousError(
        "two match", hint="say which", candidates=[{"id": 1, "name": "张三\x1b"}, {"id": 2, "name": "Ann"}]
    )
    run.output.error(error)
    assert run.printed() == ("", "error: two match — say which\n  1  张三␛\n  2  Ann\n")


@pytest.mark.parametrize("options", [{"format": "json"}, {"format": "json", "quiet": True}, {"json": True}])
def test_errors_as_json(options: dict[str, Any]) -> None:
    asked = options.pop("json", False)
    run = Run(**options)
    run.output.error(UsageError("no [red]\x1b such\nday", hint="say tomorrow"), json=asked)
    out, err = run.printed()
    assert out == ""
    assert json.loads(err) == {
        "error": {
            "code": 2,
            "kind": "usage",
            "message": "no [red]\x1b such\nday",
            "hint": "say tomorrow",
            "candidates": [],
        }
    }


def test_what_is_quoted_at_length_is_cut_in_its_middle() -> None:
    for options in ({}, {"format": "json"}):
        run = Run(**options)
        run.output.error(UsageError(f"“{'x' * 1_000_000}” is no date", hint="y" * 5000))
        run.output.note("z" * 5000)
        said = run.printed()[1]
        assert len(said) < 2000
        assert "x…x" in said
        assert "” is no date" in said


def test_an_error_is_red_on_a_terminal() -> None:
    run = Run(color="always")
    run.output.error(UsageError("no"))
    assert run.printed()[1] == "\x1b[1;31merror: \x1b[0mno\n"


def test_closed_streams_are_no_failure(now: datetime) -> None:
    output = Output(environ={}, stdout=None, stderr=None, format="json")
    output.records([ROW], None, now=now)
    output.note("x")
    output.error(UsageError("x"))
    output.flush()
