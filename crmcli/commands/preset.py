"""`crm preset …` and `crm init`: the words, fields and rules of an industry."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import ConflictError, CrmError, UsageError
from crmcli.i18n import _, joined, ngettext
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of
from crmcli.rules.shellwords import word

if TYPE_CHECKING:
    from crmcli.rules.preset_checks import Problem
    from crmcli.rules.presets import Preset

app = App(help=_("The words, fields and rules of an industry: choose one, look at it, make your own."))

PRESET = Noun(
    name="preset",
    plural="presets",
    view="",
    fields=(
        Field("name", "text", "Preset"),
        Field("title", "text", "For"),
        Field("about", "text", "About"),
        Field("current", "flag", "In use"),
    ),
    columns=("name", "title", "current", "about"),
    sort=("name",),
)
PROBLEM = Noun(
    name="problem",
    plural="problems",
    view="",
    fields=(
        Field("line", "number", "Line"),
        Field("key", "text", "Key"),
        Field("message", "text", "Problem"),
        Field("hint", "text", "Mend it"),
    ),
    columns=("line", "key", "message", "hint"),
    sort=("line",),
)


def _names() -> list[str]:
    from crmcli.store.presets import NAMES

    return list(NAMES)


Which = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE", help=_("one of crm preset list, or a TOML file"), show_default=False, autocompletion=_names
    ),
]


@app.command("list", help=_("List the presets, and which is in use."))
def list_presets(ctx: Run) -> None:
    """List the program's own presets and those that this database was made with."""
    from crmcli.store.presets import NAMES, load, preset_text, used

    context = context_of(ctx)
    there = used(context.connection) if context.database.exists() else ()
    known = {name: (text, current) for name, text, current in there}
    texts = {**{name: preset_text(name) for name in NAMES}, **{name: text for name, (text, _now) in known.items()}}
    presets = [load(name, text) for name, text in texts.items()]
    rows = [
        {
            "name": preset.name,
            "title": preset.title.said(),
            "about": preset.about.said(),
            "current": known.get(preset.name, ("", False))[1],
        }
        for preset in presets
    ]
    context.output.records(rows, PRESET, now=context.now)


@app.command(help=_("Show what a preset brings; --toml prints its file, to make your own of it."))
def show(
    ctx: Run, which: Which, *, toml: Annotated[bool, typer.Option("--toml", help=_("the file itself"))] = False
) -> None:
    """Show a preset."""
    from crmcli.rules.presets import to_build_on
    from crmcli.screens.presets import show_preset

    context = context_of(ctx)
    preset, text = _load(context, which)
    if toml:
        context.output.verbatim(_plain(line) for line in to_build_on(text).splitlines())
    elif context.output.data:
        row = {"name": preset.name, "title": preset.title._asdict(), "about": preset.about._asdict(), **preset.rows}
        context.output.record(row, None, "")
    else:
        show_preset(context, preset)


@app.command(help=_("Say everything that is wrong with a preset's file, and how to mend it."))
def check(ctx: Run, file: Annotated[str, typer.Argument(metavar="FILE", show_default=False)]) -> None:
    """Check a file."""
    context = context_of(ctx)
    text = _text(Path(file).expanduser())
    found = _problems(text)
    if context.output.data:
        context.output.records(found, PROBLEM, now=context.now)
    else:
        for problem in found:
            context.output.message(_said(problem))
    if found:
        count = ngettext("{count} mistake in {file}", "{count} mistakes in {file}", len(found))
        raise CrmError(
            count.format(count=len(found), file=file), hint=_("crm preset show utility --toml is an example")
        )
    context.output.message(_("{file} is a good preset").format(file=file))


@app.command(help=_("Use a preset from now on; what the present one has and it has not is hidden, nothing is lost."))
def use(ctx: Run, which: Which) -> None:
    """Switch to a preset."""
    context = context_of(ctx)
    _use(context, which)


@app.command(help=_("Make the database; with --preset for an industry. Of one that is there, change the preset."))
def init(
    ctx: Run,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset", metavar="NAME|FILE", help=_("general, utility, realestate, library, auto, logistics, or a file")
        ),
    ] = None,
    *,
    encrypt: Annotated[bool, typer.Option("--encrypt", help=_("encrypt the new database; see crm encrypt"))] = False,
) -> None:
    """Make the database, or say what is there."""
    from crmcli.store.database import open_database

    context = context_of(ctx)
    if encrypt and context.database.exists():
        raise ConflictError(_("{path} is there already").format(path=context.database), hint="crm encrypt")
    if encrypt:
        context.keyholder.first()
    if preset is not None:
        _load(context, preset)  # before a file is made for a preset that is none
    new = not context.database.exists()
    if new and context.options.dry_run:
        _say_new(context, preset or "general")
        return
    context.connection = open_database(context.database)
    if preset is not None:
        _use(context, preset, new=new)
    elif new:
        _say_new(context, "general")
    else:
        from crmcli.store.presets import used

        current = next((name for name, _text, now in used(context.connection) if now), "general")
        said = _("{path} is there already, with the preset {name}").format(path=context.database, name=current)
        context.output.record({"path": str(context.database), "preset": current, "new": False}, None, said)


def _use(context: Context, which: str, *, new: bool = False) -> None:
    from crmcli.screens.presets import counted
    from crmcli.services.presets import use_preset

    preset, text = _load(context, which)
    with context.transaction() as tx:
        done, alike = use_preset(tx, preset, text)
    if new:
        _say_new(context, preset.name)
        return
    for one in alike:
        said = _("in {set}, “{code}” goes on meaning itself, and the preset calls {other} so, too: {mend}")
        context.output.note(said.format(**one._asdict()))
    row = {"preset": preset.name, **{table: counts._asdict() for table, counts in done.items()}}
    said = _("Preset {name}: {title}").format(name=preset.name, title=preset.title.said())
    context.output.record(row, None, said)
    if not context.output.data:
        changes = "".join(span.text for span in counted(done))
        context.output.note(changes or _("nothing had to be changed"))


def _say_new(context: Context, preset: str) -> None:
    """Say where the new database is, and what to do next."""
    row = {"path": str(context.database), "preset": preset, "new": True}
    context.output.record(row, None, _("Made {path} with the preset {name}").format(path=context.database, name=preset))
    context.output.note(
        _("next: crm add NAME --phone … · crm import FILE · crm preset show {name}").format(name=preset)
    )


def _load(context: Context, which: str) -> "tuple[Preset, str]":
    """Return a preset by its name or its file; raises UsageError for one that is none, or that has mistakes."""
    from crmcli.store.presets import NAMES, load, preset_text, used

    path = Path(which).expanduser()
    if which in NAMES:
        return load(which, preset_text(which)), preset_text(which)
    if path.suffix != ".toml" and "/" not in which:
        known = {name: text for name, text, _now in used(context.connection)} if context.database.exists() else {}
        if which in known:
            return load(which, known[which]), known[which]
        raise UsageError(
            _("there is no preset {name}").format(name=which),
            hint=_("one of: {names}; or a file ending in .toml").format(names=joined(dict.fromkeys([*NAMES, *known]))),
        )
    text = _text(path)
    found = _problems(text)
    if found:
        raise UsageError(
            _("{file}: {problem}").format(file=which, problem=_said(found[0])),
            hint=_("crm preset check {file} says everything").format(file=word(which)),
        )
    return load(path.stem, text), text


def _text(path: Path) -> str:
    """Return a preset's file as text; raises UsageError for what can't be one."""
    from crmcli.rules.preset_checks import MOST_BYTES

    if not path.is_file():
        raise UsageError(_("there is no file {path}").format(path=path), hint=_("name a TOML file"))
    with path.open("rb") as file:
        content: bytes = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UsageError(
            _("{path} is larger than {size} KB").format(path=path, size=MOST_BYTES // 1024),
            hint=_("a preset holds words, not data"),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(_("{path} is not in UTF-8").format(path=path), hint=_("save it as UTF-8")) from error


def _problems(text: str) -> list[dict[str, Any]]:
    """Return what is wrong with a file, in its order."""
    import tomllib

    from crmcli.rules.preset_checks import line_of
    from crmcli.services.presets import mistakes

    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return [{"line": None, "key": "", "message": _("it is no TOML: {reason}").format(reason=error), "hint": ""}]
    wrong = [*mistakes(content)] or _unknown(content)
    found = [_row(problem, line_of(text, problem.path)) for problem in wrong]
    return sorted(found, key=lambda row: row["line"] or 0)


def _unknown(content: dict[str, Any]) -> "list[Problem]":
    """Return the notices of a file, right in itself, whose query asks for what a contact does not have."""
    from crmcli.nouns import Field, noun
    from crmcli.queries.where import mentions
    from crmcli.rules.preset_checks import Problem

    own = [
        Field(code, "text", field["en"], (field["zh"], *filter(None, field.get("aliases", "").split("|"))))
        for code, field in content.get("fields", {}).get("contact", {}).items()
    ]
    contact = noun("contact").with_fields(tuple(own))
    found = []
    for code, notice in content.get("notices", {}).items():
        try:
            mentions(notice.get("query", ""), contact)
        except CrmError as error:
            found.append(Problem(("notices", code, "query"), error.message, error.hint or ""))
    return found


def _row(problem: "Problem", line: int) -> dict[str, Any]:
    return {
        "line": line or None,
        "key": ".".join(problem.path),
        "message": problem.message,
        "hint": problem.hint,
    }


def _said(problem: dict[str, Any]) -> str:
    place = _("line {line}").format(line=problem["line"]) if problem["line"] else ""
    where = ", ".join(filter(None, (place, problem["key"])))
    hint = f" — {problem['hint']}" if problem["hint"] else ""
    return f"{where}: {problem['message']}{hint}" if where else f"{problem['message']}{hint}"


def _plain(text: str) -> Any:
    from crmcli.render.lines import line

    return line(text)
