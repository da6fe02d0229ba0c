"""What each record consists of, declared once.

A noun names its SQL view and its fields. Queries (`where`, `--sort`), columns, data formats, import headers and export
all read these declarations, so that a field added here is known everywhere. Identifiers in SQL come from here and
nowhere else.
"""

from importlib import import_module
from typing import NamedTuple

from crmcli.i18n import N_

NOUNS = (
    N_("contact"),
    N_("company"),
    N_("followup"),
    N_("callback"),
    N_("complaint"),
    N_("promise"),
    N_("survey"),
    N_("question"),
    N_("supervision"),
    N_("answer"),
    N_("attachment"),
    N_("consent"),
    N_("vocabulary"),
    N_("field"),
    N_("notice"),
    N_("service-level"),
    N_("change"),
)
"""Their names, in messages translated."""


LETTERS = {"complaint": "c", "promise": "p", "supervision": "s", "answer": "a"}
"""Noun → the letter before its numbers where people read and type them; the others have none."""

HOLDER = "fields"
"""The field, a JSON object, in which the values of a database's own fields lie."""
RECORD = "record"
"""The key that says which noun a record is of, where a file holds several."""
CONTENT = "content"
"""What that key says of a piece of an attachment's content."""


class Field(NamedTuple):
    """One field of a record.

    `kind` says how a value is compared, shaped and shown:
      text    free text, `field:value` matches a part, case-insensitively
      code    a code of the vocabulary `vocabulary`; labels of either language are accepted
      date    YYYY-MM-DD; moment: UTC in the database, local ISO 8601 with offset in rows
      number, flag (0/1 in SQL, true/false in rows)
      list    several values in a row (JSON array in the view); `many` is the SQL that finds one of them
      json    an object, not queried
    """

    name: str
    """The JSON key, the query's name and the column's name."""
    kind: str
    label: str
    """English heading; translated when shown."""
    headers: tuple[str, ...] = ()
    """Further headings that other programs use for it, in any language; compared without case, spaces, punctuation."""
    sql: str = ""
    """SQL expression over the noun's view; the field's name when empty."""
    many: str = ""
    """For lists: a condition on the view's `id` with one `{}` where the comparison of the value goes."""
    match: str = ""
    """How a value is compared: `phone` in any format, `person` knows who `me` is; of lists `whole` with the whole key;
    else with a part."""
    vocabulary: str = ""
    """For codes: which set of the vocabulary."""
    future: bool = False
    """For dates and moments that lie ahead: `field<7d` means within the next seven days, not the last."""
    yearly: bool = False
    """For dates that come back every year: a day is compared without its year, which may be missing (`--MM-DD`)."""
    sort: str = ""
    """SQL expression, never NULL, that orders it instead of its own."""
    indexed: bool = False
    """Whether the table that the view joins for it has an index of it, which orders records that have a value."""
    written: bool = True
    """Whether an import may write it."""
    custom: str = ""
    """For the database's own fields: their type (see crmcli.rules.custom_fields); the value lies in `fields`."""
    hidden: bool = False
    """For the database's own: no longer offered, but the records that have it keep it."""
    late: bool = True
    """For what lies ahead: whether it is late once it is past."""

    @property
    def expression(self) -> str:
        """The SQL expression over the view."""
        return self.sql or self.name


class Listed(NamedTuple):
    """What a `list` shows when nobody says otherwise: the records that still need doing."""

    query: str
    """A query that is added to the user's, but for `--all`."""
    unless: tuple[str, ...]
    """Fields whose mention in the user's query says otherwise."""


class Noun(NamedTuple):
    """A kind of record: the view that reads it, its fields, and how a list of it looks by default."""

    name: str
    plural: str
    view: str
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    """Fields shown in a table by default; the first is the name."""
    sort: tuple[str, ...]
    """Default order, `-` before a name reverses."""
    listed: Listed | None = None
    """What `list` leaves out unless it is asked for; everything is listed when None."""

    def field(self, name: str) -> Field | None:
        """Return the field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def with_fields(self, own: tuple[Field, ...]) -> "Noun":
        """Return the noun with a database's own fields, before the object that holds their values."""
        place = next((at for at, field in enumerate(self.fields) if field.name == HOLDER), len(self.fields))
        return self._replace(fields=(*self.fields[:place], *own, *self.fields[place:]))

    @property
    def own_fields(self) -> tuple[Field, ...]:
        """The fields that a database has of its own."""
        return tuple(field for field in self.fields if field.custom)


def noun(name: str) -> Noun:
    """Return the declaration of a noun; only its own module is imported."""
    declaration = import_module(f"{__name__}.{name.replace('-', '_')}").NOUN
    assert isinstance(declaration, Noun)  # noqa: S101 - narrows the type
    return declaration


def numbered(name: str, id_: int) -> str:
    """Return a record's number as people read and type it: `c3`, or `12`; a shell would take `#12` for a comment."""
    return f"{LETTERS.get(name, '')}{id_}"
