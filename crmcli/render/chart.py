"""Bars and sparklines of block characters, an eighth of a cell fine."""

from collections.abc import Sequence

_BAR = " ▏▎▍▌▋▊▉█"
_SPARKS = "▁▂▃▄▅▆▇█"
_EIGHTHS = 8


def bar(value: float, most: float, cells: int) -> str:
    """Return a bar that is so many cells long where the value is the most; something is never nothing."""
    if value <= 0 or most <= 0 or cells <= 0:
        return ""
    eighths = max(1, round(value / most * cells * _EIGHTHS))
    whole, rest = divmod(eighths, _EIGHTHS)
    return _BAR[-1] * whole + _BAR[rest].strip()


def sparkline(values: Sequence[int]) -> str:
    """Return one character for each value, the lowest for none at all and for nothing else."""
    most = max(values, default=0)
    return "".join(_SPARKS[-(-value * (len(_SPARKS) - 1) // most)] if value > 0 else _SPARKS[0] for value in values)
