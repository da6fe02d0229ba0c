"""What Typer says of a command line that it can't read, as our error: in the language in use, and with what to do."""

import re
from difflib import get_close_matches
from typing import Any

from crmcli.errors import UsageError
from crmcli.i18n import _, joined, one_of

_TOO_MUCH = "Got unexpected extra argument(s) ("
"""How Typer begins, in English alone, to name words that no argument takes."""
_NEAR = ". Did you mean "
"""What Typer puts, likewise, between its message and the names of commands."""
_NO_VALUE = "does not take a value."
"""How it ends when an option that is on or off was given one."""


def usage_error(error: Any) -> UsageError:
    """Return what Typer says as our error; it writes most in English alone, so it is told apart by its kind."""
    where = error.ctx.command_path if getattr(error, "ctx", None) else "crm"
    hint = _("see {command} --help").format(command=f"{where} {getattr(error, 'meant', '')}".rstrip())
    match type(error).__name__:
        case "MissingParameter" if error.param is not None:
            return UsageError(_("{name} is missing").format(name=_called(error.param)), hint=hint)
        case "NoSuchOption":
            message = _("there is no option {name}").format(name=error.option_name)
            near = [name for name in error.possibilities or () if _alike(name, error.option_name)]
            return UsageError(message + _did_you_mean(near), hint=hint)
        case "BadOptionUsage":
            none = error.message.endswith(_NO_VALUE)
            said = _("{name} takes no value") if none else _("{name} needs a value")
            return UsageError(said.format(name=error.option_name), hint=hint)
        case "BadParameter" if error.param is not None and hasattr(error.__cause__, "errors"):
            return _wrong_value(error, hint)
    return UsageError(_said(error), hint=hint)


def _wrong_value(error: Any, hint: str) -> UsageError:
    """Return the error for a value of the wrong type, or beyond what is taken."""
    name, wrong = _called(error.param), error.__cause__.errors()[0]
    value = wrong["input"]
    match wrong["type"].partition("_")[0]:
        case "int":
            return UsageError(_("{name} takes a whole number, not “{value}”").format(name=name, value=value), hint=hint)
        case "float":
            return UsageError(_("{name} takes a number, not “{value}”").format(name=name, value=value), hint=hint)
        case "greater" | "less":
            least, most = error.param.min, error.param.max
            return UsageError(_range(error.param).format(name=name, least=least, most=most, value=value), hint=hint)
    choices = [*map(str, error.param.type_descriptor.choices or ())]
    return UsageError(
        _("{name} does not take “{value}”").format(name=name, value=value),
        hint=one_of(choices) if choices else hint,
    )


def _range(parameter: Any) -> str:
    """Return what is said of a value that is too small or too large for this parameter."""
    if parameter.max is None:
        return _("{name} is at least {least}, not {value}")
    return (
        _("{name} is at most {most}, not {value}")
        if parameter.min is None
        else _("{name} is {least} to {most}, not {value}")
    )


def _said(error: Any) -> str:
    """Return the message of what has no kind of its own."""
    said = " ".join(error.format_message().split()).rstrip(".")
    if said.startswith(_TOO_MUCH):
        words = said.removeprefix(_TOO_MUCH).removesuffix(")")
        return _("“{words}” is too much; what has spaces goes in quotes").format(words=words)
    said, _near, names = said.partition(_NEAR)
    return said if getattr(error, "meant", "") else said + _did_you_mean(re.findall("'([^']+)'", names))


def _alike(option: str, typed: str) -> bool:
    """Return whether two options are alike beyond their dashes."""
    return bool(get_close_matches(typed.lstrip("-"), [option.lstrip("-")]))


def _did_you_mean(names: Any) -> str:
    return _("; did you mean {names}?").format(names=joined(sorted(names))) if names else ""


def _called(parameter: Any) -> str:
    """Return what help calls a parameter, without the signs around it: `--limit`, `CHANGE`."""
    return re.sub(r"^\[([^]]+)\]$", r"\1", parameter.get_error_hint().replace("'", ""))
