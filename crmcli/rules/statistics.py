"""Percentiles, rates and means, such that a spreadsheet gives the same."""

from collections.abc import Sequence

SATISFIED = 4
"""Of 1 to 5, from where on a customer counts as satisfied (top two boxes)."""


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which this share (0 to 1) of the ascending values lies; None when there are none.

    Interpolated between the two nearest, as PERCENTILE.INC and MEDIAN do in spreadsheets: definition 7 of R. J. Hyndman
    and Y. Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), 361-365.
    """
    if not values:
        return None
    place = (len(values) - 1) * share
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def percent(part: float, whole: float) -> float | None:
    """Return the part as a percentage of the whole, to one decimal; None of nothing. All but one are never 100."""
    return min(round(100 * part / whole, 1), 100 if part >= whole else 99.9) if whole else None


def mean(total: float, count: int, decimals: int = 2) -> float | None:
    """Return the mean of so many values with this sum; None when there are none."""
    return round(total / count, decimals) if count else None


def minutes(seconds: float | None) -> float | None:
    """Return seconds as minutes, to one decimal."""
    return None if seconds is None else round(seconds / 60, 1)
