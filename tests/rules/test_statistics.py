"""Percentiles against the standard library's, and rates of nothing."""

from statistics import median, quantiles

from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.statistics import mean, minutes, percent, percentile

NUMBERS = st.lists(st.integers(0, 10**7), min_size=2, max_size=60).map(sorted)


@given(NUMBERS)
def test_percentiles_are_those_of_spreadsheets(values: list[int]) -> None:
    tenths = quantiles(values, n=10, method="inclusive")  # definition 7, too
    assert abs((percentile(values, 0.9) or 0) - tenths[8]) <= 1e-6 * max(values) + 1e-9
    assert percentile(values, 0.5) == median(values)
    assert (percentile(values, 0), percentile(values, 1)) == (values[0], values[-1])


@given(NUMBERS, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_below_a_smaller(values: list[int], one: float, other: float) -> None:
    low, high = (percentile(values, share) for share in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert values[0] <= low <= high + 1e-6 * high <= values[-1] * (1 + 1e-5) + 1e-5


def test_nothing_has_neither_mean_nor_share() -> None:
    assert percentile([], 0.5) is percent(0, 0) is mean(0, 0) is minutes(None) is None
    assert (percent(2999, 3000), percent(3000, 3000)) == (99.9, 100)
    assert (percent(1, 3), mean(10, 3), minutes(90), percentile([7], 0.9)) == (33.3, 3.33, 1.5, 7)
