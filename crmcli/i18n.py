"""What is printed, in the user's language: gettext catalogues in `locale/`, English when there is none.

The language is chosen once, before the command modules are imported, because help texts are translated as they are
declared.
"""

import gettext
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

LANGUAGES = ("en", "zh")
_CATALOGUES = {"zh": "zh_CN"}
_LOCALE_DIR = Path(__file__).parent / "locale"

_language = "en"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def language_of(environ: Mapping[str, str]) -> str:
    """Return the language that the environment asks for: CRM_LANG, then LC_ALL, then LANG; `en` when none is known."""
    for name in ("CRM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return language_named(value) or "en"
    return "en"


def language_named(text: str) -> str | None:
    """Return the language that a name such as `zh`, `EN` or `zh_CN.UTF-8` means; None when it is none of ours."""
    code = text[:2].lower()
    return code if code in LANGUAGES and not text[2:3].isalnum() else None


def activate(language: str) -> None:
    """Print in this language from now on."""
    global _language, _catalogue  # noqa: PLW0603 - one language a process
    _language = language
    name = _CATALOGUES.get(language)
    if name is None:
        _catalogue = gettext.NullTranslations()
    else:
        _catalogue = gettext.translation("crmcli", str(_LOCALE_DIR), [name], fallback=True)


def activate_gettext() -> None:
    """Let libraries that ask gettext itself (Typer, for its headings) speak the language in use, from our catalogue."""
    os.environ["LANGUAGE"] = _CATALOGUES.get(_language, "en")
    gettext.bindtextdomain("crmcli", str(_LOCALE_DIR))
    gettext.textdomain("crmcli")


def language() -> str:
    """Return the language in use: one of LANGUAGES."""
    return _language


def _(message: str) -> str:
    """Return the message in the language in use."""
    return _catalogue.gettext(message) if message else ""


def joined(names: Iterable[str]) -> str:
    """Return names one after the other, as the language in use divides them."""
    return _(", ").join(names)


def one_of(names: Iterable[str]) -> str:
    """Return the hint that only these will do."""
    return _("one of: {names}").format(names=joined(names))


def in_every_language(message: str) -> set[str]:
    """Return the message in each language, whichever is in use: a user may call things by the words of any."""
    names = filter(None, map(_CATALOGUES.get, LANGUAGES))
    catalogues = (gettext.translation("crmcli", str(_LOCALE_DIR), [name], fallback=True) for name in names)
    return {message, *(catalogue.gettext(message) for catalogue in catalogues)}


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a message that is translated later, when it is shown."""
    return message


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of the message that fits the number; the caller formats the number in."""
    return _catalogue.ngettext(singular, plural, number)


activate(language_of(os.environ))
