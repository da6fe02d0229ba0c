"""Whether anything at all is due, for cron, which asks day and night and nearly always for nothing.

One look with the standard library alone. It may only ever answer "nothing": when something is due, or anything about
the environment, the settings or the file is unusual, the full program answers.
"""

import os
import sqlite3
import sys
import time

from crmcli.store.idle import HEARTBEAT

_APPLICATION_ID = 0x43524D43
_SCHEMA = 4
"""As `store.connection` has them (a test holds them equal), whose import would cost more than all that is done here."""

_HEADER = b"SQLite format 3\0"
_UNUSUAL = ("CRM_NOW", "CRM_OUTPUT", "CRM_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "PYTHONTZPATH")
_ZONES = "/usr/share/zoneinfo/"
_NOTICE_SECONDS = 3600
"""The default of the setting `complaint_notice`."""
_DAY_SECONDS = 86400
"""So long before its deadline a complaint belongs to the day's work."""
_RECENT = 600
"""Seconds."""

_ANYTHING_DUE = """
SELECT EXISTS (SELECT 1 FROM callback WHERE status = 'open' AND due_at IS NOT NULL AND due_at <= :now)
    OR EXISTS (SELECT 1 FROM callback WHERE status = 'open' AND due_at IS NULL AND due_on <= :today)
    OR EXISTS (SELECT 1 FROM complaint WHERE resolved_at IS NULL AND resolve_by <= :soon AND closed_at IS NULL
        AND waiting_since IS NULL)
    OR EXISTS (SELECT 1 FROM complaint WHERE resolved_at IS NULL AND responded_at IS NULL AND respond_by <= :soon
        AND closed_at IS NULL AND waiting_since IS NULL)
    OR EXISTS (SELECT 1 FROM promise WHERE status = 'open' AND due_at IS NOT NULL AND due_at <= :now)
    OR EXISTS (SELECT 1 FROM promise WHERE status = 'open' AND due_at IS NULL AND due_on <= :today)
    OR EXISTS (SELECT 1 FROM supervision s WHERE s.closed_at IS NULL AND s.report_on <= :today
        AND NOT EXISTS (SELECT 1 FROM callback b WHERE b.id = s.callback_id AND b.status <> 'open')
        AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.id = s.promise_id AND p.status <> 'open')
        AND NOT EXISTS (SELECT 1 FROM complaint m WHERE m.id = s.complaint_id
            AND (m.resolved_at IS NOT NULL OR m.closed_at IS NOT NULL)))
    OR EXISTS (SELECT 1 FROM contact WHERE birthday IS NOT NULL AND substr(birthday, -5) IN (:birthday, :leap))
    OR EXISTS (SELECT 1 FROM custom_field f WHERE f.remind_days IS NOT NULL AND NOT f.yearly AND EXISTS (
        SELECT 1 FROM field_date d WHERE d.code = f.code
        AND d."on" BETWEEN date(:today, '-31 days') AND date(:today, f.remind_days || ' days')))
    OR EXISTS (SELECT 1 FROM custom_field f WHERE f.remind_days IS NOT NULL AND f.yearly AND EXISTS (
        SELECT 1 FROM field_date d WHERE d.code = f.code AND (f.remind_days > 360
        OR substr(d."on", -5) BETWEEN substr(:today, -5) AND strftime('%m-%d', :today, (f.remind_days + 1) || ' days')
        OR strftime('%m-%d', :today, (f.remind_days + 1) || ' days') < substr(:today, -5))))
    OR EXISTS (SELECT 1 FROM vocabulary v WHERE v."set" = 'class' AND v.cadence_days IS NOT NULL AND EXISTS (
        SELECT 1 FROM contact_state s WHERE s.class = v.code AND s.open_callbacks = 0
        AND s.touched_at < strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+2 hours', '-' || v.cadence_days || ' days')))
    OR EXISTS (SELECT 1 FROM vocabulary v WHERE v."set" = 'tag' AND v.cadence_days IS NOT NULL AND EXISTS (
        SELECT 1 FROM tag t JOIN contact_state s ON s.contact_id = t.contact_id
        WHERE t.key = v.code AND s.open_callbacks = 0
        AND s.touched_at < strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+2 hours', '-' || v.cadence_days || ' days')))
"""
"""The conditions of `queries.agenda.read_due`, or wider ones: who is forgotten is decided there by the day, for which
a clock change may count an hour or two."""


def nothing_due(*, whole_day: bool = False) -> bool:
    """Return True when certainly nothing is due; False means: ask the full program.

    With `whole_day` nothing is due before midnight either, and whoever is greeted with that need not be told that the
    reminders have stopped.
    """
    home = os.environ.get("HOME", "")
    path = os.environ.get("CRM_DB") or f"{home}/.local/share/crmcli/crm.db"
    if (
        not sys.platform.startswith("linux")
        or not home
        or "://" in path
        or path.startswith(("~", "file:"))
        or any(os.environ.get(name) for name in _UNUSUAL)
        or os.path.exists(f"{home}/.config/crmcli/config.toml")  # noqa: PTH110 - pathlib costs a third of this whole run
        or not os.path.isfile(path)  # noqa: PTH113
        or not _clock_is_ours()
    ):
        return False
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            if file.read(len(_HEADER)) != _HEADER:  # encrypted
                return False
        nothing = _has_nothing(path, _clock(whole_day))
    except (OSError, sqlite3.Error):
        return False
    return nothing and not (whole_day and _may_have_stopped(path))


def _has_nothing(path: str, clock: dict[str, str]) -> bool:
    """Return whether this is a database of ours in which nothing is due."""
    connection = sqlite3.connect(path, timeout=1)
    try:
        return (
            connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID
            and connection.execute("PRAGMA user_version").fetchone()[0] == _SCHEMA
            and not connection.execute(_ANYTHING_DUE, clock).fetchone()[0]
        )
    finally:
        connection.close()


def _may_have_stopped(database: str) -> bool:
    """Return whether reminders were installed and the last run is not quite recent."""
    try:
        return time.time() - os.stat(os.path.realpath(database) + HEARTBEAT).st_mtime > _RECENT  # noqa: PTH116
    except OSError:
        return False


def _clock_is_ours() -> bool:
    """Return whether the C library's local time is that of the zone that the full program works with, for certain."""
    zone = os.environ.get("TZ")
    if zone is not None:
        return zone[:1].isalpha() and os.path.isfile(_ZONES + zone)  # noqa: PTH113
    place = os.path.realpath("/etc/localtime")
    try:
        with open("/etc/timezone", encoding="utf-8") as file:  # noqa: PTH123
            return place == os.path.realpath(_ZONES + file.read().strip())
    except OSError:
        return place.startswith(_ZONES)


def _clock(whole_day: bool) -> dict[str, str]:
    """Return what the question binds: the moment up to which something is due, and the day."""
    now = time.time()
    local = time.localtime(now)
    ahead = _NOTICE_SECONDS
    if whole_day:
        now, ahead = time.mktime((*local[:2], local.tm_mday + 1, 0, 0, 0, 0, 0, -1)), _DAY_SECONDS
    form = "%Y-%m-%dT%H:%M:%SZ"
    birthday = time.strftime("%m-%d", local)
    leap = local.tm_year % 4 == 0 and (local.tm_year % 100 != 0 or local.tm_year % 400 == 0)
    return {
        "now": time.strftime(form, time.gmtime(now)),
        "soon": time.strftime(form, time.gmtime(now + ahead)),
        "today": time.strftime("%Y-%m-%d", local),
        "birthday": birthday,
        "leap": "02-29" if birthday == "02-28" and not leap else birthday,
    }
