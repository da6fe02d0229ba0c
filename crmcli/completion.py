"""What TAB offers beyond commands and options: names of contacts and companies, numbers of records, words."""

import re
from collections.abc import Callable, Mapping, MutableMapping
from itertools import islice
from typing import Any

from crmcli.context import Context, new_context

OFFERED = 50
"""At most so many names are offered."""
_PARTIES = ("contact", "company")
_FLAGS = {"yes": "", "no": ""}
_SAID = str.maketrans("[]\\", "()/")
"""What Typer would take for markup, and zsh for the beginning of a command, in what is said of an offer."""
_COMMANDING = re.compile(r"""([ ~!"#$&'()*;<>?[\\\]^`{|}])""")
"""What bash would not take for a part of a word."""
_QUOTING = {"zsh": frozenset("\\'\""), "bash": frozenset("\\'\"$`!")}
"""What a shell may take for its own even between quotation marks."""
_BREAKS = re.compile("[:=@]+")
"""What parts words for bash (COMP_WORDBREAKS), though it stands within one."""
_TYPED, _BEFORE = "_CRM_TYPED", "_CRM_BEFORE"
"""Where the word that bash completes is kept as it was typed, and what stands before it in the same word of ours."""
_END = "\0"
_TOLD = 40
"""Characters of a record's text."""


class _Chosen(str):
    """An offer that is written for a shell: whether it begins with what was typed was asked of the name itself."""

    __slots__ = ()

    def startswith(self, *_begun: object) -> bool:  # Typer would ask once more
        """Return true."""
        return True


def complete_contact(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return contacts whose name, pinyin or initials begin with what was typed, and where they work."""
    return _complete(ctx, "contact", incomplete)


def complete_company(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return companies whose name, pinyin or initials begin with what was typed, and where they are."""
    return _complete(ctx, "company", incomplete)


def complete_record(name: str, query: str = "") -> Callable[[Any, str], list[tuple[str, str]]]:
    """Return a function that returns records by the beginning of their numbers, and whose they are.

    These are the records that match the query, by default those that still need doing, in the order of their list.
    """
    return lambda ctx, incomplete: _asked(ctx, lambda context: _records(context, name, query, incomplete))


def _records(context: Context, name: str, query: str, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.nouns import LETTERS, noun
    from crmcli.queries.reader import get_many
    from crmcli.queries.records import page

    declared = noun(name)
    letter = LETTERS.get(name, "")
    typed = incomplete[: len(letter)]
    if typed.lower() != letter:
        typed = "" if incomplete else letter
    wanted = query or (declared.listed.query if declared.listed else "")
    if not wanted:
        return []
    numbers = (str(row["id"]) for row in page(context.reader, declared, wanted, ids_alone=True).rows)
    begun = (number for number in numbers if number.startswith(incomplete.removeprefix(typed)))
    rows = get_many(context.reader, name, [int(number) for number in islice(begun, OFFERED)])
    return [(f"{typed}{row['id']}", _told(row)) for row in rows]


def _told(row: dict[str, Any]) -> str:
    """Return whose a record is, what it is about and when it is due."""
    about = next(filter(None, map(row.get, ("purpose", "text", "about"))), "")
    due = (row.get("due") or "")[: len("2026-12-01T15:00")].replace("T", " ")
    return " · ".join(filter(None, (row["contact"], " ".join(about.split())[:_TOLD], due)))


def complete_word(set_: str) -> Callable[[Any, str], list[tuple[str, str]]]:
    """Return a function that returns the codes and labels of a set of the vocabulary that begin with what was typed."""

    def complete(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
        return _asked(ctx, lambda context: _words(context, set_, incomplete))

    return complete


def _words(context: Context, set_: str, incomplete: str) -> list[tuple[str, str]]:
    rows = context.connection.execute('SELECT code, en, zh FROM vocabulary WHERE "set" = ? ORDER BY position', (set_,))
    offers = [(code, en if zh == code else zh) for code, en, zh in rows]
    return [
        (code, label) if code.startswith(incomplete) else (label, code)
        for code, label in offers
        if code.startswith(incomplete) or (incomplete and label.startswith(incomplete))
    ]


def complete_format(incomplete: str) -> list[str]:
    """Return the formats of output that begin with what was typed."""
    from crmcli.render.output import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def complete_language(incomplete: str) -> list[str]:
    """Return the languages that begin with what was typed."""
    from crmcli.i18n import LANGUAGES

    return [name for name in LANGUAGES if name.startswith(incomplete)]


def complete_setting(incomplete: str) -> list[tuple[str, str]]:
    """Return the settings whose name begins with what was typed."""
    from crmcli.config import SETTINGS
    from crmcli.i18n import _

    return [(setting.name, _(setting.meaning)) for setting in SETTINGS if setting.name.startswith(incomplete)]


def complete_field(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Return the custom fields, as `code=`, and behind it what may be chosen."""
    return _asked(ctx, lambda context: _fields(context, "company" in ctx.command_path.split(), incomplete))


def _fields(context: Context, of_company: bool, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.queries.custom_fields import custom_fields, meant

    fields = [field for field in custom_fields(context.connection, _PARTIES[of_company]) if not field.hidden]
    word, equals, value = incomplete.partition("=")
    field = meant(fields, word) if equals else None
    if field is None:
        return [(f"{field.code}=", field.labels.said()) for field in fields if field.code.startswith(word)]
    offers = {code: labels.said() for code, labels in field.choices.items()} if field.type != "flag" else _FLAGS
    return [
        (f"{word}={code}", said) for code, said in offers.items() if code.startswith(value) or said.startswith(value)
    ]


def _complete(ctx: Any, name: str, incomplete: str) -> list[tuple[str, str]]:
    from crmcli.queries.parties import beginning_with

    return _asked(ctx, lambda context: beginning_with(context.connection, name, incomplete, OFFERED))


def _asked(ctx: Any, ask: Callable[[Context], list[tuple[str, str]]]) -> list[tuple[str, str]]:
    context = ctx.obj if isinstance(ctx.obj, Context) else new_context([])
    try:
        if not context.database.exists():
            return []
        offers = ask(context)
    except Exception:  # noqa: BLE001 - a shell that completes must not be disturbed by anything
        return []
    finally:
        context.close()
    asked = context.environ.get("_CRM_COMPLETE") or context.environ.get("_CRMCLI_COMPLETE", "")
    return _for_shell(offers, asked, context.environ)


def take_line(environ: MutableMapping[str, str]) -> None:
    """Let the words that bash sends be those of the line: it parts them at `=` and `:`, too, and completes the last.

    What it sends of the line, `COMP_LINE`, ends where the cursor is; a script of before sends none.
    """
    sent, place = environ.get("COMP_WORDS", "").split("\n"), environ.get("COMP_CWORD", "")
    if not place.isdecimal() or int(place) >= len(sent):
        return
    typed = environ[_TYPED] = sent[int(place)]
    from shlex import quote  # commands that complete nothing have this module loaded, too

    words = _words_of(environ.get("COMP_LINE", ""))
    if len(words) > 1:
        completed = "" if _BREAKS.fullmatch(typed) else (_words_of(typed) or [""])[-1]
        before = words[-1].removesuffix(completed)
        environ[_BEFORE] = before.partition("=")[2] if before.startswith("--") else before
        environ.update({"COMP_WORDS": "\n".join(map(quote, words)), "COMP_CWORD": str(len(words) - 1)})


def _words_of(line: str) -> list[str]:
    """Return the words of a line that may end within quotation marks; the last one is empty behind a space."""
    from shlex import shlex

    lexer = shlex(line + _END, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:
        words.append(lexer.token)
    return [word.removesuffix(_END) for word in words]


def _for_shell(offers: list[tuple[str, str]], asked: str, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the offers without anything that the shell would take for its own: names come from other people.

    bash alone takes the words as they are, between quotation marks without escapes, and without what it does not
    complete of them. What zsh is given it evaluates twice, and Typer's quoting for that loses quotation marks and lets
    a backslash begin a command.
    """
    if before := environ.get(_BEFORE, ""):
        offers = [(_Chosen(typed.removeprefix(before)), who) for typed, who in offers]
    if asked.endswith("bash") and environ.get(_TYPED, "")[:1] not in {"'", '"'}:
        offers = [(_Chosen(_COMMANDING.sub(r"\\\1", typed)), who) for typed, who in offers]
    else:
        meant = _QUOTING.get(asked.rpartition("_")[2], frozenset())
        offers = [(typed, who) for typed, who in offers if meant.isdisjoint(typed)]
    return [(typed, " ".join(who.translate(_SAID).split())) for typed, who in offers]
