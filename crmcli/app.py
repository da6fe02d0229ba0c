"""The command line: a registry of commands with their one-line help, and the group that imports one module a run."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
import typer.core
import typer.main
from typer.exceptions import TyperException

from crmcli import __version__, i18n
from crmcli.asking import completing
from crmcli.cli import Group, global_parameters, translated
from crmcli.context import Context
from crmcli.i18n import N_, _
from crmcli.usage import usage_error

_DAILY, _RECORDS, _DATA, _PROGRAM = _("Every day"), _("Records"), _("Data"), _("The program")


TYPER_MESSAGES = (
    N_("Options"),
    N_("Arguments"),
    N_("Commands"),
    N_("[required]"),
    N_("[default: {}]"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)
"""What Typer prints itself, listed for our catalogue."""
_COMPLETION = {"install_completion": "install", "show_completion": "show"}
"""Typer's options → our functions of commands/shell.py."""
_ASKED = "crmcli.completion"
"""Where the parser notes which of them was asked for."""
_OFTEN = ("contact", "callback", "complaint")
"""Of the nouns that have a verb, the first of these is meant, or else the first of all."""
_INTERRUPTED = 130
"""What Typer returns after Ctrl-C, and no command of ours."""


class Entry(NamedTuple):
    """A command at the top level: a module of `commands`, perhaps a verb in it; the panel that shows it, its help."""

    target: str
    panel: str
    summary: str


REGISTRY = {
    "today": Entry("today", _DAILY, _("the day's work on one screen")),
    "show": Entry("contact show", _DAILY, _("everything about a contact, before you call")),
    "log": Entry("followup add", _DAILY, _("log what happened, and plan what is next")),
    "plan": Entry("callback add", _DAILY, _("plan a callback")),
    "done": Entry("callback done", _DAILY, _("a callback is done")),
    "snooze": Entry("callback snooze", _DAILY, _("put a callback off")),
    "complain": Entry("complaint add", _DAILY, _("take a complaint")),
    "promise": Entry("promise", _DAILY, _("promise a customer something by a day; kept, broken, renegotiated")),
    "supervise": Entry("supervision add", _DAILY, _("let somebody report on something until it is settled")),
    "attach": Entry("attachment add", _DAILY, _("keep a file for a contact: material, contract, proof")),
    "find": Entry("find", _DAILY, _("search everything")),
    "add": Entry("contact add", _DAILY, _("add a contact")),
    "list": Entry("contact list", _DAILY, _("list contacts")),
    "contact": Entry("contact", _RECORDS, _("people: add, list, show, edit, delete")),
    "company": Entry("company", _RECORDS, _("the organisations they work for")),
    "followup": Entry("followup", _RECORDS, _("what happened: calls, visits, messages, notes")),
    "callback": Entry("callback", _RECORDS, _("what is promised: done, snooze, cancel, hand over")),
    "complaint": Entry("complaint", _RECORDS, _("complaints, inquiries, suggestions, praise")),
    "survey": Entry("survey", _RECORDS, _("how satisfied they are: sent, returned, points")),
    "question": Entry("question", _RECORDS, _("what surveys ask")),
    "supervision": Entry("supervision", _RECORDS, _("supervised items: report, escalate, close")),
    "answer": Entry("answer", _RECORDS, _("knowledge: questions that were answered before")),
    "attachment": Entry("attachment", _RECORDS, _("files of contacts: open, export, verify")),
    "vocabulary": Entry("vocabulary", _RECORDS, _("classes, sources, kinds and their labels")),
    "service-level": Entry("service_level", _RECORDS, _("how soon which complaints are answered and solved")),
    "field": Entry("field", _RECORDS, _("fields of your own for contacts and companies")),
    "notice": Entry("notice", _RECORDS, _("what customers are owed to be told: rules that plan callbacks")),
    "remind": Entry("remind", _DATA, _("what is due now, for cron")),
    "import": Entry("imports", _DATA, _("read contacts, follow-ups, callbacks or complaints from a file")),
    "export": Entry("export", _DATA, _("write records to a file")),
    "calendar": Entry("calendar", _DATA, _("what is planned, for phones and desktop calendars")),
    "report": Entry("report", _DATA, _("complaints, satisfaction, promises and follow-ups in figures")),
    "undo": Entry("history undo", _DATA, _("take back a change")),
    "history": Entry("history show", _DATA, _("what was changed, when and by whom")),
    "backup": Entry("backup", _DATA, _("copy the whole database")),
    "restore": Entry("restore", _DATA, _("put a backup in the database's place")),
    "archive": Entry("archive", _DATA, _("move what is over and old into a database of its own")),
    "encrypt": Entry("encryption encrypt", _DATA, _("encrypt the database, or give it another key")),
    "decrypt": Entry("encryption decrypt", _DATA, _("make an encrypted database a plain file again")),
    "init": Entry("preset init", _PROGRAM, _("make the database; choose the preset of your industry")),
    "preset": Entry("preset", _PROGRAM, _("words, fields and rules for an industry")),
    "demo": Entry("demo", _PROGRAM, _("try it: a throw-away database with believable customers")),
    "doctor": Entry("doctor", _PROGRAM, _("is everything all right? and mend it")),
    "config": Entry("config", _PROGRAM, _("the settings")),
    "guide": Entry("guide", _PROGRAM, _("queries, dates, fields and exit codes explained")),
}


def load(name: str) -> Any:
    """Import the module of a command and return it, ready to run."""
    module, _space, verb = REGISTRY[name].target.partition(" ")
    command: Any = typer.main.get_command(import_module(f"crmcli.commands.{module}").app)
    return command.commands[verb] if verb else command


class Root(Group):
    """The program: knows every command's name and help from the registry, and loads only the one that runs."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, entry in REGISTRY.items():
            self.add_command(typer.core.TyperCommand(name, help=entry.summary, rich_help_panel=entry.panel))

    def get_params(self, ctx: Any) -> list[Any]:
        """Return --version, completion, the global options shown, and --help."""
        own = typer.core.TyperGroup.get_params(self, ctx)
        for option in own:
            if option.name in _COMPLETION:
                option.callback = _note_completion
        return [*translated(own[:-1]), *global_parameters(hidden=False), *own[-1:]]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, and teach or show completion if that was asked for: the options behind it are heard by now."""
        rest = super().parse_args(ctx, args)
        if asked := ctx.meta.get(_ASKED):
            getattr(import_module("crmcli.commands.shell"), asked)(ctx.obj, program_name())
            ctx.exit()
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the real command in place of the registry's stand-in; the journal keeps what is left from here on."""
        ctx.obj.command = args
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in REGISTRY else command, rest

    def meant(self, verb: str) -> str:
        """Return the command, or the noun and its verb: see `_OFTEN`."""
        nouns = [*_OFTEN, *(name for name, entry in REGISTRY.items() if " " not in entry.target)]
        found = (f"{noun} {verb}" for noun in nouns if verb in getattr(load(noun), "commands", ()))
        return super().meant(verb) or next(found, "")


def program() -> Any:
    """Return the whole program as a command, without importing any of its commands."""
    app = typer.Typer(
        cls=Root,
        help=_("The CRM that lives in your terminal: whom to call today, and everything about them before you do."),
        epilog=_("Begin with: crm demo · crm add NAME --phone … · crm today. More about a command: crm COMMAND --help"),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_program)
    return typer.main.get_command(app)


def _print_version(ctx: typer.Context, value: bool) -> None:
    if value:
        typer.echo(f"crm {__version__}")
        ctx.exit()


def _note_completion(ctx: Any, option: Any, value: bool | None) -> None:
    if value:
        ctx.meta[_ASKED] = _COMPLETION[option.name]


def _program(
    version: Annotated[
        bool,
        typer.Option("--version", help=_("Show the version and exit."), is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Stand for the program itself, which only has commands."""


def run(context: Context) -> int:
    """Parse and run the context's command line and return its exit code; raises UsageError for what can't be parsed."""
    i18n.activate_gettext()
    arguments = context.arguments or ["--help"]
    if completing():
        from crmcli.completion import take_line

        take_line(os.environ)
    try:
        result = program().main(args=arguments, prog_name=program_name(), standalone_mode=False, obj=context)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a noun alone: Typer has printed its help
            return 0
        raise usage_error(error) from error
    except SystemExit as error:  # Typer's answer to a pipe that nobody reads; ours is `closed_pipe`
        raise error.__context__ or error from None
    if result == _INTERRUPTED:  # Typer's answer to Ctrl-C; ours says what was written
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def program_name() -> str:
    """Return the name that the program was called by: `crm`, or `crmcli`."""
    return "crmcli" if Path(sys.argv[0]).stem == "crmcli" else "crm"
