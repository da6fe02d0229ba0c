"""Settings: one table that reads the file, checks it, and writes its own documentation.

The file is TOML; a name such as `severity.high.respond` is the key `respond` in the table `[severity.high]`.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import UsageError, reason_of
from crmcli.i18n import N_, _, joined
from crmcli.nouns.kinds import KINDS


class Setting(NamedTuple):
    """One setting: its name, its default (which gives the type), what it means, and which values it may have.

    A part of the name in capitals stands for a name of the user's choice (`channel.NAME.url`), or for one of KINDS.
    """

    name: str
    default: str | int
    meaning: str
    choices: tuple[str, ...] = ()
    kind: str = ""
    """What a text must be: a `country`, `clock`, `hours`, `days`, `kinds`, one of the kinds of _READ_BY; or anything.

    A `secret` is never shown; `people` are names.
    """

    @property
    def pattern(self) -> bool:
        """Whether the name stands for several."""
        return not self.name.islower()

    def fits(self, name: str) -> bool:
        """Return whether this is the setting of that name."""
        if not self.pattern:
            return self.name == name
        head, which, key = self.name.split(".")
        table, chosen, *rest = [*name.split("."), "", ""][:-1]
        return table == head and "".join(rest) == key and (chosen in KINDS if which == "KIND" else bool(chosen))


REFERENCES = ("env:", "keyring:", "file:", "exec:")
"""How a channel's address begins that is no secret itself."""

SETTINGS = (
    Setting(
        "user",
        "",
        N_("your name, as owner of new records and in the journal; the login name when empty"),
        kind="people",
    ),
    Setting("language", "", N_("language of what is printed; from the environment when empty"), ("", "en", "zh")),
    Setting(
        "timezone", "", N_("IANA name of your time zone, such as Asia/Shanghai; the machine's when empty"), kind="zone"
    ),
    Setting(
        "country", "CN", N_("two-letter country that phone numbers without a country code belong to"), kind="country"
    ),
    Setting("date_order", "md", N_("how 12/01 is read: month first (md) or day first (dm)"), ("md", "dm")),
    Setting(
        "key",
        "",
        N_("where the key of an encrypted database is: env:VARIABLE, keyring:NAME or file:PATH; CRM_KEY counts more"),
        kind="secret",
    ),
    Setting("page", 50, N_("how many records a list shows on a terminal")),
    Setting("birthday_days", 7, N_("how many days ahead `today` shows birthdays")),
    Setting("forgotten_rows", 8, N_("how many forgotten customers `today` shows")),
    Setting("complaint_notice", "1h", N_("how long before a complaint's deadline `remind` speaks"), kind="period"),
    Setting(
        "service_hours",
        "always",
        N_("the clock of complaints without a service level of their own: around the clock, or in business hours"),
        ("always", "business"),
    ),
    Setting(
        "holidays",
        "",
        N_("country of the holidays, such as CN or DE-BY; none, or `country` when empty"),
        kind="holidays",
    ),
    Setting("days_off", "", N_("further days off: 2026-12-24 2027-02-05..2027-02-11"), kind="dates"),
    Setting("days_on", "", N_("days that are worked though they would be free, in the same form"), kind="dates"),
    Setting(
        "out_of_hours",
        "wait",
        N_("a complaint out of business hours waits until the desk opens, or is handed to `on_call` at once"),
        ("wait", "hand-over"),
    ),
    Setting("on_call", "", N_("who takes complaints out of business hours"), kind="people"),
    Setting(
        "escalate_to",
        "",
        N_("who hears of a missed deadline, one after the other, separated by commas"),
        kind="people",
    ),
    Setting("escalate_every", "1d", N_("how long after one of them the next one hears of it"), kind="period"),
    Setting(
        "calendar.alarm", "15m", N_("how long before what has a time a calendar rings; empty for never"), kind="lead"
    ),
    Setting("calendar.morning", "09:00", N_("when it rings for what lasts all day; empty for never"), kind="clock"),
    Setting("calendar.minutes", 30, N_("how long a callback takes in a calendar")),
    Setting("severity.low.respond", "3d", N_("answer a complaint of low severity within"), kind="promise"),
    Setting("severity.low.resolve", "14d", N_("solve a complaint of low severity within"), kind="promise"),
    Setting("severity.normal.respond", "1d", N_("answer a complaint of normal severity within"), kind="promise"),
    Setting("severity.normal.resolve", "7d", N_("solve a complaint of normal severity within"), kind="promise"),
    Setting("severity.high.respond", "4h", N_("answer a complaint of high severity within"), kind="promise"),
    Setting("severity.high.resolve", "3d", N_("solve a complaint of high severity within"), kind="promise"),
    Setting("severity.critical.respond", "2h", N_("answer a complaint of critical severity within"), kind="promise"),
    Setting("severity.critical.resolve", "1d", N_("solve a complaint of critical severity within"), kind="promise"),
    *(
        Setting(
            f"hours.{day}", hours, N_("when the desk is open on this weekday; nothing for a day off"), kind="opening"
        )
        for day, hours in zip(
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ["9:00-12:00 13:00-18:00"] * 5 + [""] * 2, strict=True
        )
    ),
    *(
        Setting(
            f"return_visit.{severity}",
            "",
            N_("how long after a complaint of this severity was closed the customer is called again; never when empty"),
            kind="lead",
        )
        for severity in ("low", "normal", "high", "critical")
    ),
    Setting("remind.KIND.send", "yes", N_("whether reminders speak of this kind of item"), ("yes", "no")),
    Setting("remind.KIND.before", "0m", N_("so long before it is due; complaint_notice for complaints"), kind="period"),
    Setting("remind.KIND.at", "", N_("what is due on a day: from this time on, such as 9:00"), kind="clock"),
    Setting("remind.KIND.most", 30, N_("how many of a kind a message names; it counts the others")),
    Setting(
        "channel.NAME.url",
        "",
        N_(
            "where it goes: an address of Apprise, or env:VARIABLE, keyring:NAME, file:PATH that hold one; exec:COMMAND"
        ),
        kind="secret",
    ),
    Setting("channel.NAME.person", "", N_("whose items it gets; everybody's when empty"), kind="people"),
    Setting("channel.NAME.language", "", N_("language of its messages; yours when empty"), ("", "en", "zh")),
    Setting(
        "channel.NAME.kinds", "", N_("which kinds of items it gets: callback complaint …; all when empty"), kind="kinds"
    ),
    Setting("channel.NAME.quiet", "", N_("when it is silent, such as 22:00-8:00"), kind="hours"),
    Setting("channel.NAME.days", "", N_("on which days it speaks, such as mon-fri; every day when empty"), kind="days"),
    Setting("channel.NAME.digest", "", N_("the whole day as one message, once a day from this time on"), kind="clock"),
    Setting("channel.NAME.nag", "", N_("say it again so often until it is done, such as 1d"), kind="period"),
)


class Settings(NamedTuple):
    """The values in force, and the file they come from."""

    values: Mapping[str, str | int]
    path: Path
    chosen: frozenset[str]
    """The names that the file sets."""
    faults: tuple[UsageError, ...] = ()
    """What in the file can't be taken."""

    def text(self, name: str) -> str:
        """Return a setting that is text."""
        return str(self._value(name))

    def number(self, name: str) -> int:
        """Return a setting that is a number."""
        return int(self._value(name))

    def _value(self, name: str) -> str | int:
        return self.values[name] if name in self.values else _default(name)

    def named(self, table: str) -> list[str]:
        """Return the names that the user gave in a table such as `channel`, in the order of the file."""
        return list(dict.fromkeys(name.split(".")[1] for name in self.values if name.startswith(f"{table}.")))


_MARK = "\ufeff"
"""What editors on Windows put before a text."""
_MOST = 1_000_000
"""Characters of a settings file: a device has no end."""
_LARGEST = 100_000
"""Of a setting that is a number: more days, or rows, are a slip of the keyboard."""


def load_settings(path: Path) -> Settings:
    """Read the settings; a file that does not exist gives the defaults.

    Raises UsageError when the file can't be read, is not TOML, names an unknown setting or gives one a wrong value.
    """
    settings = read_settings(path)
    if settings.faults:
        raise settings.faults[0]
    return settings


def read_settings(path: Path) -> Settings:
    """Read what can be taken of the settings, for the command that mends them; `faults` says what is wrong with others.

    Raises UsageError when the file can't be read or is not TOML.
    """
    values: dict[str, str | int] = {setting.name: setting.default for setting in SETTINGS if not setting.pattern}
    chosen = dict(_flat(_parse(path)))
    faults = []
    for name, value in chosen.items():
        try:
            values[name] = check_value(name, value)
        except UsageError as error:
            faults.append(UsageError(error.message, hint=f"{error.hint} ({path})"))
    return Settings(values, path, frozenset(chosen), tuple(faults))


def _parse(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MOST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            _("can't read the settings {path}: {reason}").format(path=path, reason=reason_of(error)),
            hint=_("it must be a readable UTF-8 file"),
        ) from error
    if len(text) > _MOST:
        raise UsageError(
            _("can't read the settings {path}: {reason}").format(path=path, reason=_("it is too long")),
            hint=_("it must be a readable UTF-8 file"),
        )
    import tomllib  # only who has a settings file pays for it

    try:
        return tomllib.loads(text.removeprefix(_MARK))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            _("the settings {path} are not TOML: {reason}").format(path=path, reason=error),
            hint=_("mend that line, or start anew with: crm config init --force"),
        ) from error


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return the leaves of nested tables with dotted names."""
    leaves: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            leaves += _flat(value, f"{prefix}{key}.")
        else:
            leaves.append((prefix + key, value))
    return leaves


@cache
def _default(name: str) -> str | int:
    """Return the default of one of the settings that stand for several."""
    return find_setting(name).default


def find_setting(name: str) -> Setting:
    """Return a setting by name; raises UsageError with the nearest names when there is none."""
    for setting in SETTINGS:
        if setting.fits(name):
            return setting._replace(name=name)
    from difflib import get_close_matches

    near = get_close_matches(name, [setting.name for setting in SETTINGS], n=3)
    hint = _("did you mean {names}?").format(names=joined(near)) if near else _("crm config list shows them")
    raise UsageError(_("there is no setting {name}").format(name=name), hint=hint)


def check_value(name: str, value: Any) -> str | int:
    """Return the value in the setting's type; raises UsageError when it does not fit."""
    setting = find_setting(name)
    if isinstance(setting.default, int):
        value = int(value) if isinstance(value, str) and value.strip().isdigit() else value
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
        wanted = _("a whole number from 0 to {most}").format(most=_LARGEST)
    else:
        fits = isinstance(value, str) and (not setting.choices or value in setting.choices)
        wanted = " | ".join(choice or '""' for choice in setting.choices) or _("text")
    if not fits:
        raise _unfit(name, value, wanted)
    result: str | int = value
    return result


def _unfit(name: str, value: object, wanted: str) -> UsageError:
    """Return what is raised for a value that is none of a setting."""
    return UsageError(
        _("the setting {name} can't be {value}").format(name=name, value=value),
        hint=_("it wants {wanted}").format(wanted=wanted),
    )


_READ_BY = {
    "zone": "when.zone:load_zone",
    "period": "screens.lengths:period",
    "lead": "screens.lengths:period",
    "promise": "rules.service_levels:require_promise",
    "opening": "rules.business_hours:parse_hours",
    "dates": "rules.working_days:parse_days",
    "holidays": "rules.working_days:load_holidays",
}
"""What reads a text of this kind, and raises UsageError for what is none; only who changes a setting imports it."""


def _require_kind(setting: Setting, value: str) -> None:
    """Refuse (UsageError) a text that is nothing of the setting's kind: later, every command would."""
    if setting.kind in _READ_BY and (value or (setting.default and setting.kind in {"period", "promise"})):
        module, _colon, function = _READ_BY[setting.kind].partition(":")
        getattr(import_module(f"crmcli.{module}"), function)(value)
    elif setting.kind in ("hours", "days", "clock", "kinds"):
        from crmcli.rules.silence import parse

        parse(setting.kind, value)
    elif setting.kind == "country":
        from crmcli.rules.callingcodes import calling_code

        if not calling_code(value):
            raise _unfit(setting.name, value, "CN | DE | US | …")


def _require_reference(setting: Setting, value: str) -> None:
    """Refuse (UsageError) a secret on the command line, where other users and the shell's history see it."""
    if value and not value.startswith(REFERENCES):
        raise UsageError(
            _("{name} may hold a secret: not on a command line").format(name=setting.name),
            hint=_(
                "name where it is (env:VARIABLE, keyring:NAME, file:PATH), or type it in with: crm config set {name} -"
            ).format(name=setting.name),
        )


def change_setting(path: Path, name: str, text: str, *, typed: bool = False) -> str:
    """Return the text of the settings file with one setting changed, and everything else in it as it is.

    `typed` says that the value came from standard input, and may be a secret.
    Raises UsageError for an unknown name, a value that does not fit (a place without a secret), or a file as it is.
    """
    from crmcli.rules.tomltext import changed as changed_text  # only who changes settings pays for it

    value = check_value(name, text)
    setting = find_setting(name)
    if setting.kind == "secret" and not typed:
        _require_reference(setting, text)
    if setting.kind == "secret" and (text.strip() in REFERENCES or (name == "key" and text.strip()[:5] == "exec:")):
        raise _unfit(name, text, "env:VARIABLE | keyring:NAME | file:PATH" + " | exec:COMMAND" * (name != "key"))
    _require_kind(setting, text)
    try:
        changed = changed_text(path.read_text("utf-8").removeprefix(_MARK) if path.exists() else "", name, value)
    except ValueError:
        raise UsageError(
            _("{name} can't be added to the settings {path} as they are written").format(name=name, path=path),
            hint=_("write a table in braces as one with a heading: {table}").format(
                table="[" + name.rpartition(".")[0] + "]"
            ),
        ) from None
    if len(changed) > _MOST:  # and could not be read again
        raise UsageError(_("the value for {name} is too long").format(name=name), hint=_("nothing was changed"))
    return changed


def default_text() -> str:
    """Return a settings file with every setting commented out at its default and explained."""
    lines = ["# " + _("crm: settings. Remove the # before a line to change it.")]
    table = ""
    for setting in SETTINGS:
        head, _dot, key = setting.name.rpartition(".")
        if head != table:
            lines += ["", f"# [{head}]" if setting.pattern else f"[{head}]"]
            table = head
        value = str(setting.default) if isinstance(setting.default, int) else f'"{setting.default}"'
        lines += [f"# {_(setting.meaning)}", f"# {key} = {value}"]
    return "\n".join(lines) + "\n"


def default_path(environ: Mapping[str, str], kind: str, name: str) -> Path:
    """Return the platform's place for a file of ours; `kind` is `data` or `config`."""
    if environ.get("XDG_DATA_HOME" if kind == "data" else "XDG_CONFIG_HOME") is None and (home := environ.get("HOME")):
        import sys

        if sys.platform.startswith("linux"):  # the same place as below, without the import
            return Path(home) / (".local/share" if kind == "data" else ".config") / "crmcli" / name
    from platformdirs import user_config_path, user_data_path

    folder = user_data_path("crmcli") if kind == "data" else user_config_path("crmcli")
    return folder / name


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, each for its owner alone; raises OSError.

    So the XDG specification wants it, and `mkdir` gives what lies above to everybody whom the umask lets in.
    """
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)
