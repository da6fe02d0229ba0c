"""Asking on the terminal which fields the columns are whose headings nobody knows."""

import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.render.text import safe

if TYPE_CHECKING:
    from crmcli.exchange.csvfile import Row
    from crmcli.exchange.source import Source
    from crmcli.nouns import Noun

_TABLES = frozenset({"csv", "xlsx", "xls", "ods"})
"""Kinds of files whose columns are of somebody's own choice."""
_ANSWERED = ("map", "use_map", "extra")
"""Options with which the user has said what the columns are."""
_SAMPLED = 50
"""Rows that are looked through for values."""
_SHOWN = 3
_LONGEST = 40
"""Characters of a value that is shown."""


def ask_mapping(
    context: Context, kind: str, rows: "Source", record: str, given: dict[str, Any]
) -> "tuple[Iterable[Row], dict[str, Any]]":
    """Return the rows, and the options with what the user says of columns that no field of the record has.

    Nobody is asked without a terminal, nor who has said what the columns are. Raises what reading the rows raises.
    """
    if not (context.interactive and record and kind in _TABLES) or any(given[name] for name in _ANSWERED):
        return rows, given
    from crmcli.nouns import noun
    from crmcli.services.importing.foreign import with_foreign

    try:
        declared = context.reader.noun(record) if context.database.exists() else noun(record)
        return _ask(rows, with_foreign(declared), given)
    except BaseException:
        rows.close()
        raise


def _ask(rows: "Source", noun: "Noun", given: dict[str, Any]) -> "tuple[Iterable[Row], dict[str, Any]]":
    from crmcli.exchange.headers import match_headers
    from crmcli.services.importing.rejects import ERROR, ROW

    unknown = [heading for heading in match_headers(rows.header, noun).unknown if heading not in (ROW, ERROR)]
    if not unknown:
        return rows, given
    records = iter(rows)
    sample = list(islice(records, _SAMPLED))
    answers = []
    for heading in dict.fromkeys(unknown):
        values = _values(sample, rows.header.index(heading))
        sys.stderr.write(safe(_("{label}: {value}").format(label=heading, value=values)) + "\n")
        answers.append(f"{heading}={_ask_field(rows.header, heading, noun)}")
    name = given["save_map"] or _answer(_("keep these answers as a mapping? Its name (Enter: no): "))
    return chain(sample, records), {**given, "map": answers, "save_map": name}


def _values(sample: "Sequence[Row]", position: int) -> str:
    """Return the first different values of a column."""
    texts = (row.cells[position].strip() for row in sample)
    return " · ".join(islice(dict.fromkeys(text[:_LONGEST] for text in texts if text), _SHOWN))


def _ask_field(header: list[str], heading: str, noun: "Noun") -> str:
    """Return the field that a heading is, `-` for none; asks again until there is such a field."""
    from crmcli.exchange.headers import match_headers

    while True:
        answer = _answer(_("  which field is it? (Enter: none, ?: which there are) ")) or "-"
        try:
            match_headers(header, noun, {heading: answer})
        except UsageError as error:
            said = error.hint if answer == "?" else f"{error.message} — {error.hint}"
            sys.stderr.write(safe(f"  {said}") + "\n")
        else:
            return answer


def _answer(question: str) -> str:
    """Return what is typed; raises UsageError at the end of input, which is no answer: whoever types it wants out."""
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise UsageError(
            _("the questions were not answered; nothing was written"),
            hint=_('say it on the command line: --map "手机=phone", or --no-input'),
        )
    return line.strip()
