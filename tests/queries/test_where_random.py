"""Random records and queries, compared with a reading in Python that shares nothing with the compiler."""

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import QueryError
from crmcli.queries.where import compile_query, in_codes
from crmcli.rules.clean import printable
from tests.wheres import CONTACT, NOW, Record, database, found, surroundings

Check = Callable[[Record, datetime], bool]
COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")
SECONDS = [0, 1, -1, 86400, -86400, 7 * 86400, -7 * 86400, 7 * 86400 - 1, 1 - 7 * 86400, -30 * 86400, 37800, -37815]

names = st.text("aAb%_\\'张É", max_size=3)
moments = st.sampled_from(SECONDS).map(lambda seconds: utc(NOW + timedelta(seconds=seconds)))
days = st.integers(-8, 8).map(lambda n: (NOW.date() + timedelta(days=n)).isoformat())
records = st.fixed_dictionaries(
    {
        "name": names,
        "region": st.none() | names,
        "class": st.sampled_from([None, "core", "interested"]),
        "birthday": st.none() | st.sampled_from(["--11-21", "--11-25", "1990-11-28", "1991-01-02", "--02-29"]),
        "last_contact_at": st.none() | moments,
        "next_due": st.none() | moments | days,
        "open_complaints": st.integers(0, 3),
        "tags": st.lists(st.sampled_from(["a", "ab", "A", "张"]), max_size=2),
    }
)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(stored: str, now: datetime) -> datetime:
    """The beginning of a day, or the moment."""
    if "T" in stored:
        return datetime.fromisoformat(stored)
    return datetime.combine(date.fromisoformat(stored), time(), tzinfo=now.tzinfo)


def lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def text_leaf(field: str, op: str, text: str, star: bool) -> tuple[str, Check]:
    wanted = lower(text)

    def check(record: Record, _now: datetime) -> bool:
        value = lower(record[field] or "")
        if not text and not star:
            return not value
        if not text:
            return bool(value)
        return value.startswith(wanted) if star else value == wanted if op == "=" else wanted in value

    return f"{field}{op}{quoted(text)}{'*' * star}", check


def age_leaf(op: str, number: int) -> tuple[str, Check]:
    def check(record: Record, now: datetime) -> bool:
        value = record["last_contact_at"]
        return value is not None and COMPARE[op](  # by the calendar: a day may have 25 hours
            (now - timedelta(days=number)).astimezone(UTC), instant(value, now).astimezone(UTC)
        )

    return f"last_contact{op}{number}d", check


def ahead_leaf(op: str, number: int) -> tuple[str, Check]:
    def check(record: Record, now: datetime) -> bool:
        value = record["next_due"]
        return value is not None and COMPARE[op](
            instant(value, now).astimezone(UTC), (now + timedelta(days=number)).astimezone(UTC)
        )

    return f"next_callback{op}{number}d", check


def day_leaf(op: str, offset: int) -> tuple[str, Check]:
    day = NOW.date() + timedelta(days=offset)

    def check(record: Record, now: datetime) -> bool:
        value = record["next_due"]
        if value is None:
            return False
        on = instant(value, now).astimezone(now.tzinfo).date()
        return on == day if op == ":" else COMPARE[op](on, day)

    return f"next_callback{op}{day}", check


def birthday_leaf(number: int) -> tuple[str, Check]:
    def check(record: Record, now: datetime) -> bool:
        ahead = {(now.date() + timedelta(days=n)).strftime("%m-%d") for n in range(number)}
        value = record["birthday"]
        leap = value is not None and value.endswith("02-29")  # found in the window that reaches from 02-28 to 03-01
        return value is not None and (value[-5:] in ahead or (leap and {"02-28", "03-01"} <= ahead))

    return f"birthday<{number}d", check


def simple(query: str, check: Callable[[Record], bool]) -> tuple[str, Check]:
    return query, lambda record, _now: check(record)


ops = st.sampled_from(list(COMPARE))
leaves = st.one_of(
    st.builds(text_leaf, st.sampled_from(["name", "region"]), st.sampled_from(":="), names, st.booleans()),
    st.builds(age_leaf, ops, st.sampled_from([0, 1, 7, 30])),
    st.builds(ahead_leaf, ops, st.sampled_from([0, 1, 7])),
    st.builds(day_leaf, st.sampled_from([":", *COMPARE]), st.integers(-8, 8)),
    st.builds(birthday_leaf, st.sampled_from([0, 1, 5, 43, 200, 400])),
    st.sampled_from(
        [
            simple("class:core", lambda record: record["class"] == "core"),
            simple("class:核心,interested", lambda record: record["class"] is not None),
            simple("类别！=有意向 类别：“核心”有:类别", lambda record: record["class"] == "core"),
            simple("class:none", lambda record: record["class"] is None),
            simple("has:last_contact", lambda record: record["last_contact_at"] is not None),
            simple("tag:A", lambda record: {"a", "A"} & set(record["tags"]) != set()),
            simple("tag:a*", lambda record: {"a", "A", "ab"} & set(record["tags"]) != set()),
            simple("no:tag", lambda record: not record["tags"]),
            simple("open_complaints>1", lambda record: record["open_complaints"] > 1),
            simple("open_complaints:0,3", lambda record: record["open_complaints"] in (0, 3)),
        ]
    ),
)


def negated(one: tuple[str, Check]) -> tuple[str, Check]:
    return f"-({one[0]})", lambda record, now: not one[1](record, now)


def both(one: tuple[str, Check], other: tuple[str, Check]) -> tuple[str, Check]:
    return f"({one[0]} {other[0]})", lambda record, now: one[1](record, now) and other[1](record, now)


def some(one: tuple[str, Check], other: tuple[str, Check]) -> tuple[str, Check]:
    return f"({one[0]} or {other[0]})", lambda record, now: one[1](record, now) or other[1](record, now)


queries = st.recursive(
    leaves,
    lambda inner: st.builds(negated, inner) | st.builds(both, inner, inner) | st.builds(some, inner, inner),
    max_leaves=5,
)


@given(st.lists(records, min_size=1, max_size=5), queries, st.sampled_from(ZONES))
def test_sql_and_python_agree(people: list[Record], query: tuple[str, Check], zone: str) -> None:
    now = NOW.astimezone(ZoneInfo(zone))
    text, check = query
    expected = [id_ for id_, record in enumerate(people, 1) if check(record, now)]
    assert found(database(people), text, now) == expected


@given(queries)
def test_in_codes_a_query_asks_for_the_same(query: tuple[str, Check]) -> None:
    text, _check = query
    kept = in_codes(text, CONTACT, surroundings())
    assert compile_query(kept, CONTACT, surroundings()) == compile_query(text, CONTACT, surroundings())
    assert in_codes(kept, CONTACT, surroundings()) == kept
    assert not any(label in kept for label in ("类别", "核心", "有意向"))


SEEN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(printable)
"""Without what nobody sees something is left, or none would be asked for."""
HOSTILE = SEEN | st.sampled_from(
    ["'; DROP TABLE contacts; --", '" OR 1=1', ":q0", "{}", "%s", "?", "\\", "%_\\", "\U0001d160" * 4000]
)


@given(HOSTILE, st.sampled_from(["name:", "name=", "tag:", "phone:", "email=", "handle:", ""]))
def test_what_a_user_writes_never_reaches_the_sql(text: str, field: str) -> None:
    reference = compile_query(f'{field}"x"', CONTACT, surroundings()).sql
    signs = compile_query('"&"', CONTACT, surroundings()).sql
    try:
        condition = compile_query(field + quoted(text), CONTACT, surroundings())
    except QueryError:
        return
    if field not in ("", "phone:"):  # no word, or digits, need other SQL
        assert condition.sql == reference
    assert set(condition.sql) <= set(reference + signs) | set("0123456789FALSE IN(),key=digits")
    if field:
        database([]).execute(f"SELECT id FROM contacts WHERE {condition.sql}", condition.parameters)
