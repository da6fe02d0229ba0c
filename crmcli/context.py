"""One context a run: settings, clock, actor, database and output, each made when it is first asked for."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import config, i18n
from crmcli.asking import ask, completing, unseen
from crmcli.errors import AmbiguousError, ConflictError, CrmError, UsageError
from crmcli.i18n import _, one_of
from crmcli.store import keys
from crmcli.store.named import database_called

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime
    from tempfile import TemporaryDirectory
    from zoneinfo import ZoneInfo

    from crmcli.queries.reader import Reader
    from crmcli.render.output import Output
    from crmcli.store.transaction import Transaction
    from crmcli.unlock import Keyholder


class Options(NamedTuple):
    """The global options as they were given; None and False where they were not."""

    db: str | None = None
    config: str | None = None
    as_of: str | None = None
    lang: str | None = None
    output: str | None = None
    quiet: bool = False
    dry_run: bool = False
    yes: bool = False
    no_input: bool = False
    color: str | None = None


class Context:
    """What a command works with. Nothing is read or opened before it is needed."""

    def __init__(self, environ: Mapping[str, str], arguments: list[str]) -> None:
        self.environ = environ
        self.arguments = arguments
        self.command = arguments
        """The command line as the journal keeps it: from the verb on, where it was parsed."""
        self.options = Options()
        self.begun = time.time()
        """When the run began, by the machine's clock."""
        self.written: Transaction | None = None
        """What was committed last."""
        self.done = False
        """Whether the command has done all that it does, but for handing over what it printed."""
        self.remarks = True
        """Whether remarks may be made besides the answer."""

    def set_option(self, name: str, value: Any) -> None:
        """Take a global option from wherever it stood on the command line; the last one counts."""
        self.options = self.options._replace(**{name: value})

    def _chosen(self, name: str, variable: str) -> str:
        return getattr(self.options, name) or self.environ.get(variable, "")

    @cached_property
    def settings(self) -> config.Settings:
        """The settings in force; a file that was named must be there, but for the command that makes it."""
        path = self.settings_path
        named = self._argument("--config") or self.environ.get("CRM_CONFIG")
        if named and not os.access(path, os.F_OK) and "config" not in self.arguments:
            raise UsageError(
                _("there is no settings file {path}").format(path=path), hint=_("make it with: crm config init")
            )
        return config.load_settings(path)

    @property
    def settings_path(self) -> Path:
        """The settings file, whether it exists or not."""
        chosen = self._argument("--config") or self.environ.get("CRM_CONFIG", "")
        return Path(chosen).expanduser() if chosen else config.default_path(self.environ, "config", "config.toml")

    def choose_language(self) -> None:
        """Print in the language of --lang, CRM_LANG, the settings or the locale, in this order."""
        wanted = self._argument("--lang") or self.environ.get("CRM_LANG", "")
        language = i18n.language_named(wanted)
        if not wanted:
            with suppress(UsageError):  # who needs the settings says so; what mends them must run
                language = self.settings.text("language")
        i18n.activate(language or i18n.language_of(self.environ))
        if wanted and not language:
            raise UsageError(
                _("there is no language {language}").format(language=wanted), hint=" | ".join(i18n.LANGUAGES)
            )

    def _argument(self, *names: str) -> str:
        """Return a global option's value before the command line is parsed: help is translated as it is declared."""
        value = ""
        for argument, following in zip(self.arguments, [*self.arguments, ""][1:], strict=True):
            name, equals, attached = argument.partition("=")
            if argument == "--":
                break
            if name in names:
                value = attached if equals else following
        return value

    def report(self, error: CrmError) -> None:
        """Print an error, as an object when the run was asked for JSON, even where parsing did not get that far."""
        from crmcli.render.output import Output

        chosen = self.options.output or self._argument("-o", "--output") or self.environ.get("CRM_OUTPUT", "")
        output = Output(color=self.options.color or "auto", environ=self.environ, stdout=sys.stdout, stderr=sys.stderr)
        output.error(error, json=chosen in ("json", "jsonl"), now=self.__dict__.get("now"))  # no record without it

    @cached_property
    def zone(self) -> "ZoneInfo":
        """The user's time zone."""
        from crmcli.when.zone import known_zone, load_zone, local_zone

        chosen = self.settings.text("timezone")
        zone = load_zone(chosen or local_zone(self.environ))
        tz = self.environ.get("TZ", "")
        if tz and not chosen and not known_zone(tz):
            self.note(_("TZ={tz} names no zone; {zone} is taken instead").format(tz=tz, zone=zone.key))
        return zone

    @cached_property
    def now(self) -> "datetime":
        """The moment that the run takes as the present, aware, in the user's zone, to the second."""
        from datetime import datetime

        from crmcli.when.value import YEARS

        text = self._chosen("as_of", "CRM_NOW")
        real = datetime.now(self.zone).replace(microsecond=0)
        if not text:
            return real
        moment = None
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
        if moment is None or moment.year not in YEARS:  # looking back and ahead must stay within the calendar
            from crmcli.when.moments import parse_when

            when = parse_when(text, real, order=self.settings.text("date_order"), future=False)
            moment = datetime.combine(when.day, when.time or datetime.min.time())
        if moment.tzinfo is None:
            return moment.replace(tzinfo=self.zone, microsecond=0)
        return moment.astimezone(self.zone).replace(microsecond=0)

    @property
    def simulated(self) -> bool:
        """Whether the run takes another moment for the present than the machine's."""
        return bool(self._chosen("as_of", "CRM_NOW"))

    @cached_property
    def actor(self) -> str:
        """Who works: the setting `user`, else the login name; a clean line, as an import reads it back."""
        from crmcli.rules.names import clean

        name = self.settings.text("user") or self.environ.get("USER") or self.environ.get("USERNAME")
        if name and clean(name):
            return clean(name)
        from getpass import getuser

        try:
            return getuser()
        except (OSError, KeyError, ImportError):  # no such user in the password database
            return "user"

    @cached_property
    def database(self) -> Path:
        """The database file; where a link was named what it leads to, so that what lies beside it is found by both."""
        path = self._database_named()
        return Path(os.path.realpath(path)) if os.path.islink(path) else path  # noqa: PTH114 - this one never raises

    def _database_named(self) -> Path:
        chosen = self._chosen("db", "CRM_DB")
        if not chosen:
            return config.default_path(self.environ, "data", "crm.db")
        return database_called(chosen)

    @cached_property
    def connection(self) -> "sqlite3.Connection":
        """The run's one connection, opened, checked and, for a new file, filled with the schema.

        Raises StoreError when there is nothing to read in a place that was named: it would be a slip of the keyboard.
        """
        return self._opened(create=not self._chosen("db", "CRM_DB"))

    def _opened(self, *, create: bool) -> "sqlite3.Connection":
        """Open the database, and say of a new one when two machines might share it."""
        from crmcli.store.database import open_database, require_place

        new = not os.path.exists(self.database)  # noqa: PTH110 - this one never raises
        passing = new and create and self.options.dry_run
        if passing:
            require_place(self.database)
        path = Path(self._passing.name) / self.database.name if passing else self.database
        connection = open_database(path, create=create, upgrading=self._announce_upgrade, waiting=self.kept_waiting())
        if new:
            from crmcli.store.network import network_of

            if type_ := network_of(self.database):
                told = _("{path} is on a network file system ({type}): use it from one machine at a time")
                self.note(told.format(path=self.database, type=type_))
        return connection

    @cached_property
    def _passing(self) -> "TemporaryDirectory[str]":
        """The folder in which a dry run begins a database, to be gone with it."""
        from tempfile import TemporaryDirectory

        return TemporaryDirectory(prefix="crm-", ignore_cleanup_errors=True)

    def kept_waiting(self) -> Callable[[], None] | None:
        """Return what tells somebody who looks on that another program has the database, and this run waits for it."""
        return self.telling(_("waiting for another program, which is using the database"))

    def _announce_upgrade(self, copy: Path) -> None:
        """Say that it takes a while, and where the database is kept as it was."""
        self.note(_("bringing the database up to date; as it was, it stays in {path}").format(path=copy))

    @cached_property
    def keyholder(self) -> "Keyholder":
        """Who gives keys of encrypted databases."""
        from crmcli.unlock import Keyholder

        return Keyholder(self.environ, self.settings, self._ask_key, dry_run=self.options.dry_run)

    def _ask_key(self, question: str) -> str | None:
        """Return a key that is typed in; None where nobody sits there who can. `--yes` answers no such question."""
        streams = (sys.stdin, sys.stderr)
        seated = all(stream is not None and not stream.closed and stream.isatty() for stream in streams)
        asked = self.remarks and not self.options.no_input and not completing() and seated
        return unseen(question) if asked else None

    def key_of(self, path: Path | None) -> str:
        """Return the key of an encrypted file; of none, the key that a new database gets, empty where that is plain."""
        return self.keyholder(path)

    @cached_property
    def reader(self) -> "Reader":
        """What queries read through."""
        from crmcli.queries.reader import Ladder, Reader

        text = self.settings.text
        ladder = Ladder(text("escalate_to"), text("escalate_every"))
        return Reader(self.connection, self.now, text("country"), text("date_order"), ladder, self.actor)

    def reader_at(self, moment: "datetime") -> "Reader":
        """Return what reads as if it were another moment."""
        from crmcli.queries.reader import Reader

        reader = self.reader
        return Reader(self.connection, moment, reader.country, reader.order, reader.ladder, reader.user)

    @cached_property
    def output(self) -> "Output":
        """Where everything is printed."""
        from crmcli.render.output import FORMATS, Output

        chosen = self._chosen("output", "CRM_OUTPUT") or "table"
        if chosen not in FORMATS:
            raise UsageError(
                _("there is no output format {format}").format(format=chosen),
                hint=one_of(FORMATS),
            )
        return Output(
            format=chosen,
            quiet=self.options.quiet,
            color=self.options.color or "auto",
            dry_run=self.options.dry_run,
            environ=self.environ,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )

    def require_format(self) -> None:
        """Raise UsageError for an output format that there is not, before anything is done instead of after."""
        _output = self.output

    @contextmanager
    def transaction(self) -> "Iterator[Transaction]":
        """Begin a write transaction; commit it at the end of the block, or roll it back in a dry run."""
        with self.transaction_at(self.now) as transaction:
            yield transaction

    @contextmanager
    def transaction_at(self, moment: "datetime") -> "Iterator[Transaction]":
        """Begin a write transaction that the journal dates at this moment."""
        from crmcli.store.transaction import Author, write

        if "connection" not in self.__dict__:  # who writes may begin a database, wherever it is
            self.connection = self._opened(create=True)
        if not self.options.dry_run and self.connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            from crmcli.store.network import switch_log_on

            switch_log_on(self.connection, self.database)  # a run that was killed while it had it off left it so
        author = Author(self.actor, moment, " ".join(map(_quoted, self.command)))
        begun: Transaction | None = None
        try:
            with write(
                self.connection, author, dry_run=self.options.dry_run, waiting=self.kept_waiting()
            ) as transaction:
                begun = transaction
                yield transaction
        finally:  # Ctrl-C comes when it has been committed, too, which takes longest
            if begun is not None and begun.kept and not self.options.dry_run:
                self.written = begun

    @property
    def interactive(self) -> bool:
        """Whether the user can be asked: both ends are a terminal and nobody said no."""
        return (
            not self.options.no_input
            and not self.options.yes
            and sys.stdin is not None
            and not sys.stdin.closed  # an import of standard input closes it when it has read it
            and sys.stdin.isatty()
            and sys.stderr.isatty()
        )

    def confirm(self, question: str, *, answer: str = "") -> None:
        """Ask before something far-reaching; with an `answer`, this and no yes has to be typed.

        Raises ConflictError when refused, UsageError when nobody can be asked.
        """
        if self.options.yes or self.options.dry_run:
            return
        if not self.interactive:
            raise UsageError(question, hint=_("add -y to do it, or -n to see what would be done"))
        from crmcli.render.text import safe

        said = ask(safe(f"{question} [{answer or 'y/N'}] "))
        if said != answer if answer else said.lower() not in ("y", "yes", "是", "好"):
            raise ConflictError(_("nothing was changed"))

    def choose(self, error: AmbiguousError) -> dict[str, Any]:
        """Let the user choose one of the candidates on the terminal; raises the error itself when nothing is chosen."""
        from crmcli.render.candidates import about
        from crmcli.render.text import safe

        sys.stderr.write(safe(error.message) + "\n")
        for number, candidate in enumerate(error.candidates, 1):
            sys.stderr.write(safe(f"  {number}  {about(candidate, self.now)}") + "\n")
        answer = ask(_("which one? ") + f"[1-{len(error.candidates)}] ")
        if answer.isascii() and answer.isdigit() and 0 < int(answer) <= len(error.candidates):
            return error.candidates[int(answer) - 1]
        raise error

    def note(self, text: str) -> None:
        """Print a remark on standard error, whatever became of the command line."""
        from crmcli.render.output import Output

        if self.remarks and not self.options.quiet:
            Output(environ=self.environ, stdout=None, stderr=sys.stderr).note(text)

    def telling(self, text: str) -> Callable[[], None] | None:
        """Return what prints this remark for somebody who looks on; None where nobody does."""
        looked_on = sys.stderr is not None and sys.stderr.isatty()
        return partial(self.note, text) if looked_on else None

    def flush(self) -> None:
        """Hand over what was printed: a closed pipe or a full disk shows here and not at exit."""
        if "output" in self.__dict__:
            self.output.flush()
        elif sys.stdout is not None:  # help is printed by Typer
            sys.stdout.flush()

    def close(self) -> None:
        """Let the database go, if it was opened."""
        if "connection" in self.__dict__:
            self.connection.close()
        if "_passing" in self.__dict__:
            self._passing.cleanup()


def _quoted(argument: str) -> str:
    """Return an argument as the journal shows it: quoted where a space would mislead."""
    return f'"{argument}"' if " " in argument or not argument else argument


def new_context(arguments: list[str]) -> Context:
    """Return the context of a command line in this process's environment."""
    context = Context(os.environ, arguments)
    keys.ask = context.key_of
    return context
