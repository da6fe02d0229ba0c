"""When the next report is due."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.supervision import next_report

TODAY = date(2026, 11, 25)
rhythms = st.none() | st.integers(1, 400)
deadlines = st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1))


@given(rhythms, deadlines)
def test_it_follows_the_rhythm_and_never_skips_the_deadline(every: int | None, due_on: date | None) -> None:
    found = next_report(TODAY, every, due_on)
    assert (found is None) == (every is None and due_on is None)
    if found is None:
        return
    if every:
        assert TODAY < found <= TODAY + timedelta(days=every)
    else:
        assert found == due_on
    if due_on and due_on > TODAY:
        assert found <= due_on


def test_the_calendar_ends() -> None:
    assert next_report(date(9999, 12, 30), 400, None) == date.max
