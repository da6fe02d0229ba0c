"""Notices (主动服务): rules that plan callbacks, so that every customer is told in time what they are owed.

Planning what is planned already plans nothing: a callback names the rule and the occurrence that it was planned for,
and whether it was done, put off or cancelled since, there is no other for it. Where the date is another now, or
gone, what nobody has touched is withdrawn, so that nobody calls for a contract that was renewed or cancelled.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlmodel import select

from crmcli.errors import ConflictError, CrmError, NotFoundError, UsageError, WhenError
from crmcli.i18n import _, one_of
from crmcli.models.notice import Notice
from crmcli.queries.custom_fields import custom_fields, meant
from crmcli.queries.reader import Reader, Row, get_many
from crmcli.queries.records import as_kept, select_ids
from crmcli.rules.birthdays import celebrated_as, next_celebration
from crmcli.rules.custom_fields import Labels, folded, is_code
from crmcli.rules.names import clean
from crmcli.services.callback import delete_callback
from crmcli.services.records import added
from crmcli.services.vocabulary import require_code
from crmcli.store.bulk import insert_many, next_id
from crmcli.store.transaction import Transaction
from crmcli.when.moments import zone_of
from crmcli.when.periods import parse_period
from crmcli.when.repeats import parse_rhythm
from crmcli.when.stored import moment_text

AHEAD = timedelta(days=7)
"""Callbacks are planned so early that they show in the days to come."""
BIRTHDAY = "birthday"
_LARGEST = timedelta(days=3660)

_TABLE = "notice_plan (contact_id INTEGER, due_on TEXT, purpose TEXT, key TEXT PRIMARY KEY)"
_PLAN = """
INSERT INTO callback (uid, contact_id, kind, due_on, zone, purpose, after_done, status, owner, created_at, updated_at,
    notice)
SELECT lower(hex(randomblob(16))), p.contact_id, :kind, p.due_on, :zone, p.purpose, 0, 'open',
    coalesce(c.owner, :owner), :now, :now, p.key
FROM temp.notice_plan p JOIN contact c ON c.id = p.contact_id
WHERE NOT EXISTS (SELECT 1 FROM callback b WHERE b.notice = p.key) {unless}
ORDER BY p.due_on, p.contact_id
"""
_OPEN_ALREADY = (
    "AND NOT EXISTS (SELECT 1 FROM callback b "
    "WHERE b.contact_id = p.contact_id AND b.status = 'open' AND b.kind = :kind)"
)
"""A periodic visit is not planned beside one that somebody has planned."""


_UNTOUCHED = """
SELECT b.id, b.notice, ({date}) AS "on" FROM callback b
WHERE b.notice > :code || ':' AND b.notice < :code || ';' AND b.notice GLOB '*@????-??-??' AND b.status = 'open'
AND b.updated_at = b.created_at AND b.snoozed_from IS NULL
AND NOT EXISTS (SELECT 1 FROM supervision s WHERE s.callback_id = b.id)
AND NOT EXISTS (SELECT 1 FROM followup f WHERE f.callback_id = b.id)
ORDER BY b.id
"""
"""What a rule has planned and nobody has had to do with since, and the date for which it would be planned now."""
_BIRTHDAY = "SELECT birthday FROM contact WHERE id = b.contact_id"
_DATE = 'SELECT "on" FROM field_date WHERE contact_id = b.contact_id AND code = :field'


class _Occurrence(NamedTuple):
    """For whom a callback is to be planned: for which day of theirs, and when."""

    contact: int
    on: date
    due: date


def add_notice(tx: Transaction, reader: Reader, code: str, given: Mapping[str, Any]) -> int:
    """Add a rule and return its id; raises UsageError for what can't be, ConflictError for a code that is taken."""
    name = clean(code).casefold()
    if not is_code(name):
        raise UsageError(
            _("“{code}” can't be a code").format(code=code), hint=_("letters, digits, - and _, a letter first")
        )
    if tx.session.exec(select(Notice).where(Notice.code == name)).first():
        raise ConflictError(
            _("there is a notice {code} already").format(code=name), hint=_("crm notice edit changes it")
        )
    notice = Notice(code=name, en=name, zh=name, kind="contact")
    _apply(tx, reader, notice, given)
    return added(tx, notice)


def edit_notice(tx: Transaction, reader: Reader, id_: int, given: Mapping[str, Any]) -> None:
    """Change what was given of a rule; an empty text clears it."""
    _apply(tx, reader, tx.session.get_one(Notice, id_), given)
    tx.session.flush()


def delete_notice(tx: Transaction, id_: int) -> None:
    """Delete a rule; callbacks that it planned stay."""
    tx.session.delete(tx.session.get_one(Notice, id_))
    tx.session.flush()


def find_notice(reader: Reader, word: str) -> int:
    """Return the id of the rule of this code, label or, when none has it, number; raises NotFoundError."""
    wanted = folded(word)
    rows = reader.all("SELECT id, code, en, zh FROM notice ORDER BY hidden, id")
    for names in (("code", "en", "zh"), ("id",)):
        for row in rows:
            if wanted in (folded(str(row[name])) for name in names):
                return int(row["id"])
    raise NotFoundError(_("there is no notice {code}").format(code=word), hint=_("crm notice list shows them"))


def plan_notices(
    tx: Transaction,
    reader: Reader,
    owner: str,
    only: frozenset[int] = frozenset(),
    *,
    broken: list[CrmError] | None = None,
    withdrawn: list[Row] | None = None,
) -> list[int]:
    """Plan the callbacks that the rules in force want now, and return their ids; `only` these rules where given.

    What was planned for a date that is another now, or gone, is `withdrawn`. Raises UsageError, naming the rule, for
    one that can't be followed; given a list of what is `broken`, it is put there, and the other rules are followed.
    """
    connection = tx.connection
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_TABLE}")
    planned: list[int] = []
    for notice in tx.session.exec(select(Notice).where(Notice.hidden == 0).order_by(Notice.code)).all():
        if only and notice.id not in only:
            continue
        try:
            rows = [_row(notice, occurrence) for occurrence in _occurrences(reader, notice)]
        except UsageError as error:
            if broken is None:
                raise
            broken.append(error)
            continue
        moot = _withdraw(tx, reader, notice)
        if withdrawn is not None:
            withdrawn += moot
        connection.execute("DELETE FROM temp.notice_plan")
        connection.executemany("INSERT OR IGNORE INTO temp.notice_plan VALUES (?, ?, ?, ?)", rows)
        now = moment_text(reader.now)
        values = {"kind": notice.kind, "zone": zone_of(reader.now), "owner": owner, "now": now}
        first = next_id(connection, "callback")
        sql = _PLAN.format(unless=_OPEN_ALREADY if notice.every else "")
        planned += range(first, first + insert_many(tx, "callback", sql, values))
    return planned


def _withdraw(tx: Transaction, reader: Reader, notice: Notice) -> list[Row]:
    """Delete what was planned for a date that has moved since, or is gone, and nobody has touched; return it."""
    if not notice.field:
        return []
    sql = _UNTOUCHED.format(date=_BIRTHDAY if notice.field == BIRTHDAY else _DATE)
    yearly = _is_yearly(reader, notice)
    moot = []
    for id_, key, on in reader.all(sql, {"code": notice.code, "field": notice.field}):
        day = key.rpartition("@")[2]
        if day != (next_celebration(on, date.fromisoformat(day)).isoformat() if on and yearly else on):
            moot.append(id_)
    rows = get_many(reader, "callback", moot)
    for id_ in moot:
        delete_callback(tx, id_)
    return rows


def _is_yearly(reader: Reader, notice: Notice) -> bool:
    return notice.field == BIRTHDAY or any(
        field.code == notice.field and field.yearly for field in custom_fields(reader.connection, "contact")
    )


def _row(notice: Notice, occurrence: _Occurrence) -> tuple[int, str, str, str]:
    contact, on, due = occurrence
    label = Labels(notice.en, notice.zh).said()
    purpose = f"{label} {on}" if notice.field else label
    return contact, due.isoformat(), purpose, f"{notice.code}:{contact}@{on}"


def _occurrences(reader: Reader, notice: Notice) -> Iterator[_Occurrence]:
    """Yield for whom the rule wants a callback by AHEAD from now."""
    today = reader.now.date()
    among = None
    try:
        if notice.query.strip():
            among = {*select_ids(reader, reader.noun("contact"), notice.query)}
        found = _periodic(reader, notice) if notice.every else _dated(reader, notice)
    except CrmError as error:
        raise UsageError(
            _("the notice {code} can't be followed: {reason}").format(code=notice.code, reason=error.message),
            hint=_("crm notice edit {code} mends it").format(code=notice.code),
        ) from error
    for contact, on, due in found:
        if among is None or contact in among:
            yield _Occurrence(contact, on, max(due, today))


def _periodic(reader: Reader, notice: Notice) -> list[_Occurrence]:
    """Return whose last contact, or entry, is so long ago."""
    every = _length(notice.every or "")
    before = moment_text(reader.now + AHEAD + timedelta(days=1) - every)
    rows = reader.all("SELECT contact_id, touched_at FROM contact_state WHERE touched_at < :before", {"before": before})
    last = reader.now.date() + AHEAD
    found = []
    for row in rows:
        on = datetime.fromisoformat(row["touched_at"]).astimezone(reader.now.tzinfo).date()
        if on + every <= last:
            found.append(_Occurrence(row["contact_id"], on, on + every))
    return found


def _dated(reader: Reader, notice: Notice) -> list[_Occurrence]:
    """Return whose date comes so soon; what has passed is too late for a notice.

    Raises UsageError where the field is none any more, or no date.
    """
    _field(reader, notice.field or "")
    before = _length(notice.before) if notice.before else timedelta()
    today, last = reader.now.date(), reader.now.date() + before + AHEAD
    if not _is_yearly(reader, notice):
        rows = reader.all(
            'SELECT contact_id, "on" FROM field_date WHERE code = :code AND "on" BETWEEN :today AND :last',
            {"code": notice.field, "last": last.isoformat()},
        )
        return [_Occurrence(row[0], date.fromisoformat(row[1]), date.fromisoformat(row[1]) - before) for row in rows]
    days = {
        day for ahead in range(min((last - today).days, 365) + 1) for day in celebrated_as(today + timedelta(ahead))
    }
    names = {f"d{number}": day for number, day in enumerate(sorted(days))}
    column, source = (
        ("birthday", "SELECT id, birthday FROM contact WHERE birthday IS NOT NULL AND")
        if notice.field == BIRTHDAY
        else ('"on"', 'SELECT contact_id, "on" FROM field_date WHERE code = :code AND')
    )
    sql = f"{source} substr({column}, -5) IN ({', '.join(f':{name}' for name in names)})"
    found = []
    for contact, text in reader.all(sql, {**names, "code": notice.field}):
        on = next_celebration(text, today)
        found.append(_Occurrence(contact, on, on - before))
    return found


def _apply(tx: Transaction, reader: Reader, notice: Notice, given: Mapping[str, Any]) -> None:
    """Write what was given into the rule; raises UsageError, QueryError and WhenError for what can't be."""
    _label(notice, given)
    if given.get("kind"):
        notice.kind = require_code(tx, "callback_kind", given["kind"])
    if given.get("query") is not None:
        notice.query = as_kept(reader, reader.noun("contact"), given["query"])
    if given.get("hidden") is not None:
        notice.hidden = int(given["hidden"])
    for column, read in (
        ("before", _period),
        ("every", partial(_rhythm, reader.now)),
        ("field", partial(_field, reader)),
    ):
        text = given.get(column)
        if text is not None:
            setattr(notice, column, read(text.strip()) if text.strip() else None)
    if bool(notice.field) == bool(notice.every):
        raise UsageError(
            _("either a date or a period says when"), hint="--field insured-until --before 30d · --every 90d"
        )
    if notice.before and not notice.field:
        raise UsageError(_("before which date?"), hint="--field insured-until --before 30d")


def _label(notice: Notice, given: Mapping[str, Any]) -> None:
    """Set the labels; one that is missing, when the other is given for the first time, is the other."""
    en, zh = (clean(given.get(language) or "") for language in ("en", "zh"))
    fresh = notice.en == notice.zh == notice.code
    notice.en = en or (zh if fresh and zh else notice.en)
    notice.zh = zh or (en if fresh and en else notice.zh)


def _period(text: str) -> str:
    _length(text)
    return text


def _rhythm(now: datetime, text: str) -> str:
    """Return a period as it was said, and the days of a repeat (`quarterly`, `每半年`)."""
    rhythm = parse_rhythm(text, now)
    with suppress(WhenError):
        return _period(text)
    return _period(f"{rhythm.days}d")


def _field(reader: Reader, text: str) -> str:
    """Return the code of a date of contacts; raises UsageError for anything else."""
    dates = [field for field in custom_fields(reader.connection, "contact") if field.type == "date"]
    if folded(text) in (BIRTHDAY, "生日"):
        return BIRTHDAY
    field = meant(dates, text)
    if field is None:
        raise UsageError(
            _("no date of a contact is called so"),
            hint=one_of([BIRTHDAY, *(one.code for one in dates)]),
        )
    return field.code


def _length(text: str) -> timedelta:
    """Return a period of whole days; raises WhenError for what is none, UsageError for what is too short or long."""
    length = parse_period(text)
    if not timedelta(days=1) <= length <= _LARGEST:
        raise UsageError(
            _("{period} is no period for a notice").format(period=text), hint=_("a day to ten years: 3d, 2w, 90d")
        )
    return timedelta(days=length.days)
