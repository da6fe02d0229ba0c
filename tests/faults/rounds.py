"""What can go wrong around the program, brought about on purpose: each fault is a function of a folder and a number.

In CI each runs a few times (`test_faults.py`), at length by one command: `python -m tests.faults --for 10m`.
"""

from collections.abc import Callable
from pathlib import Path

from tests.faults import calls, crowded, damaged, fuzzed, killed, places, raced, spoilt

FAULTS: dict[str, Callable[[Path, int], str]] = {
    "killed": killed.try_one,
    "calls": calls.try_one,
    "encrypted": killed.try_encrypted,
    "crowded": crowded.try_one,
    "damaged": damaged.try_one,
    "fuzzed": fuzzed.try_one,
    "places": places.try_one,
    "raced": raced.try_one,
    "spoilt": spoilt.try_one,
}
"""Name → one round, which says what happened and raises when something is not as it must be."""
