"""Which column of a file is which field of a record."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from crmcli.nouns import Noun


class Value(NamedTuple):
    """One value of a list field, with what its heading said about it."""

    text: str
    hint: str = ""
    """For phones and e-mails a label (`mobile`, `work`, `home`, `fax`), for handles a service (`wechat`)."""


class Column(NamedTuple):
    """One column of the file that an import writes."""

    index: int
    heading: str
    field: str
    hint: str = ""
    """See Value; for names `family`, `given` or `middle`."""


class HeaderMap(NamedTuple):
    """What a header means."""

    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    """Headings that belong to no field, as written."""
    lists: frozenset[str]
    """The noun's list fields."""

    def record(self, cells: list[str]) -> dict[str, str | list[Value]]:
        """Return field → text (list fields: values) of one row, without empty ones; parts of a name are joined."""
        raise NotImplementedError


def match_headers(
    header: list[str], noun: Noun, overrides: Mapping[str, str] = MappingProxyType({})
) -> HeaderMap:
    """Return which column is which field; `overrides` (heading → field, as in `--map`) come first.

    Raises UsageError for a field or heading of `overrides` that does not exist.
    """
    raise NotImplementedError
