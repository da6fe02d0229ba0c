"""What an import is asked to do, and what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from crmcli.config import Settings
from crmcli.errors import UsageError
from crmcli.exchange.headers import HeaderMap
from crmcli.i18n import _, joined
from crmcli.nouns import Noun
from crmcli.rules.custom_fields import CustomField

ON_DUPLICATE = ("update", "skip", "create", "fail")
DEFAULT_MATCH = {
    "contact": ("uid", "external", "email", "phone", "handle", "name+company"),
    "company": ("uid", "external", "name"),
}
MATCH_KEYS = {
    "contact": ("uid", "external", "email", "phone", "handle", "name", "name+company"),
    "company": ("uid", "external", "email", "phone", "handle", "name"),
}

_WHO = frozenset({"uid", "external_id", "name", "phones", "emails", "handles"})
_WHOSE = frozenset({"uid", "contact", "contact_id", "contact_uid", "external_id"})
_TELLING = {
    **dict.fromkeys(("contact", "company"), _WHO),
    **dict.fromkeys(("followup", "callback", "complaint", "promise", "survey"), _WHOSE),
}
"""The fields of which a file must have one."""
_SHOWN = 12
_LONGEST = 40
"""Characters of a heading that are shown."""


class Plan(NamedTuple):
    """How the rows of a file are to be read, matched and written."""

    noun: Noun
    headers: HeaderMap
    on_duplicate: str
    """One of ON_DUPLICATE."""
    match: tuple[str, ...]
    now: datetime
    owner: str
    """Of records that name none."""
    country: str
    order: str
    settings: Settings
    """For the deadlines of complaints."""
    extra: tuple[tuple[int, str], ...] = ()
    """Position and heading of the columns that become custom fields."""
    calendar: bool = False
    """Whether it is a calendar, in which what another program wrote keeps the first day of a series."""
    versions: bool = False
    """Whether the rows say how old they are (see crmcli.services.importing.versions)."""
    whose: bool = False
    """Whether a row that names no owner means nobody (see `names_owners`)."""
    keep_cells: bool = False
    """Whether the cells of rejected rows are wanted."""
    compare: bool = False
    """Whether the first differences are wanted, for a dry run."""
    own: tuple[CustomField, ...] = ()
    """The fields that the database has of its own."""
    long: bool = False
    """Whether the file is so long that a second process reads it (see crmcli.services.importing.ahead)."""
    before_large: Callable[[], None] = lambda: None
    """Called before many rows are written."""
    progress: Callable[[int], None] = lambda _rows: None
    """Told now and then how many rows were read."""

    @property
    def exported(self) -> bool:
        """Whether the file seems to be an export of ours: it has uids."""
        return any(column.field == "uid" for column in self.headers.columns)

    @property
    def names_owners(self) -> bool:
        """Whether it seems to be an export of ours with a column that says whose each record is."""
        return self.exported and any(column.field in ("owner", "assignee") for column in self.headers.columns)

    @property
    def new_owner(self) -> str | None:
        """Whose a new record is that names nobody."""
        return None if self.whose else self.owner


class RejectedError(Exception):
    """One row can't be taken: which field, what stood there, and why (translated)."""

    def __init__(self, field: str, value: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.value = value
        self.message = message


class Summary(NamedTuple):
    """How many rows were read, and what became of each: the other counts add up to `read`."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    planned: int = 0
    """Callbacks that the rows of contacts brought with them."""
    consents: int = 0
    """Answers on consent that the rows of contacts brought with them."""
    apart: int = 0
    """Contacts that were added although they share a phone or e-mail with somebody, of quite another name."""
    strangers: tuple[str, ...] = ()
    """Who referred somebody, as rows say, where there is nobody of that name, or several: nobody is noted."""
    companies: int = 0
    """Companies that were added because contacts' rows name them."""
    turned: int = 0
    """Birthdays whose day comes first, or whose month, because it does elsewhere in their column."""
    differences: tuple[str, ...] = ()
    """What the first rows would change, where `Plan.compare` asked for it."""


def chosen_match(noun: str, text: str) -> tuple[str, ...]:
    """Return the keys of `--match uid,email,…`, the noun's own when empty; raises UsageError for unknown ones."""
    known = MATCH_KEYS.get(noun, ())
    if not text.strip():
        return DEFAULT_MATCH.get(noun, ())
    chosen = tuple(key.strip().casefold() for key in text.split(",") if key.strip())
    unknown = [key for key in chosen if key not in known]
    if unknown:
        raise UsageError(
            _("a {noun} can't be matched by {key}").format(noun=_(noun), key=unknown[0]),
            hint=_("the keys are {keys}").format(keys=joined(known))
            if known
            else _("they are matched by uid, else by contact, moment, kind and text"),
        )
    return chosen


def require_keys(headers: HeaderMap, noun: Noun, header: list[str]) -> None:
    """Raise UsageError when nothing in the header says who or what the rows are about."""
    known = {column.field for column in headers.columns}
    if not known & _TELLING[noun.name]:
        raise UsageError(
            _("no column of the file is known to say who is meant"),
            hint=_("its first row must name the columns, or: --map HEADING={field}; it reads: {columns}").format(
                field="name" if _TELLING[noun.name] is _WHO else "contact",
                columns=joined(heading[:_LONGEST] for heading in header[:_SHOWN] if heading),
            ),
        )
