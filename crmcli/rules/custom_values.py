"""Reading the values of custom fields: what a person or a file writes → what lies in the record."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from crmcli.errors import CrmError
from crmcli.i18n import _, joined
from crmcli.rules.birthdays import parse_birthday
from crmcli.rules.clean import printable
from crmcli.rules.custom_fields import CustomField, Value, folded
from crmcli.rules.phones import normalise_phone
from crmcli.when.moments import parse_when

YES = frozenset(["yes", "y", "true", "t", "on", "1", "x", "✓", "√", "是", "对", "有", "真", "开"])
NO = frozenset(["no", "n", "false", "f", "off", "0", "-", "✗", "×", "否", "不", "无", "没有", "假", "关"])

_NUMBER = r"([-+]?)((?:\d{1,3}(?:[,'\u00a0 ]\d{3})+|\d+)(?:\.\d+)?|\.\d+|\d(?:\.\d+)?[eE]-\d{2,3})([万亿kKmM]?)"
"""A negative exponent is how Python and JSON write what is tiny, and so how our own exports do."""
_TIMES = {"万": 10**4, "亿": 10**8, "k": 10**3, "m": 10**6}
_CURRENCY = (
    r"(?i)^(?:[-+]?)(?:cny|rmb|usd|eur|gbp|hkd|jpy|[¥￥$€£元])|(?:cny|rmb|usd|eur|gbp|hkd|jpy|[¥$€£]|块钱?|元整?)$"
)
_CENT = Decimal("0.01")
"""Money is kept to the cent, and a half is rounded up, as shops do."""
_TWO_WAYS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
"""An amount that is a thousand times as much where a point parts thousands."""
_URL = r"(?i)https?://[^\s/?#:@]+\.[^\s/?#:@]+(?::\d{1,5})?(?:[/?#]\S*)?"
_LARGEST = 10**15
"""Beyond it neither JSON's readers nor spreadsheets keep every digit."""


class Around(NamedTuple):
    """What the meaning of a value depends on, besides its text."""

    now: datetime
    """Aware, in the user's zone."""
    country: str
    """Where national phone numbers belong."""
    order: str = "md"
    """Of month and day in 12/01."""


def read_value(field: CustomField, text: str, around: Around) -> Value | None:
    """Return the value that a text means, None for an empty one; raises ValueError with a translated message."""
    plain = printable(text).strip()
    return _READERS[field.type](field, plain, around) if plain else None


def value_text(field: CustomField, value: Value) -> str:
    """Return a value as a text that `read_value` reads back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return field.choices[value].said() if isinstance(value, str) and value in field.choices else str(value)


def _text(_field: CustomField, text: str, _around: Around) -> str:
    return text


def _number(_field: CustomField, text: str, _around: Around) -> int | float:
    return _plain(_decimal(text, text))


def _money(_field: CustomField, text: str, _around: Around) -> int | float:
    bare = unicodedata.normalize("NFKC", text).strip()
    sign = "-" if bare.startswith("-") else ""
    bare = re.sub(_CURRENCY, "", re.sub(_CURRENCY, "", bare).strip()).strip()
    bare = bare if bare.startswith("-") else sign + bare
    cents = _decimal(bare, text).quantize(_CENT, ROUND_HALF_UP)
    if re.fullmatch(_TWO_WAYS, bare):
        raise ValueError(
            _("“{text}” can be {whole} or {cents}: write the one that it is").format(
                text=_short(text), whole=bare.replace(".", ""), cents=cents
            )
        )
    return _plain(cents)


def _decimal(text: str, said: str) -> Decimal:
    found = re.fullmatch(_NUMBER, unicodedata.normalize("NFKC", text).strip())
    number = (
        Decimal(found[1] + re.sub("[,'\u00a0 ]", "", found[2])) * _TIMES.get(found[3].lower(), 1) if found else None
    )
    if number is None or abs(float(number)) >= _LARGEST:  # as it is kept, which may be rounded up to it
        raise ValueError(_("“{text}” is no number").format(text=_short(said)))
    return number


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _date(field: CustomField, text: str, around: Around) -> str:
    try:
        if field.yearly:
            try:
                return parse_birthday(text, order=around.order)
            except CrmError:  # as people say it: next fri, 下周五
                pass
        return parse_when(text, around.now, order=around.order).day.isoformat()
    except CrmError as error:
        raise ValueError(error.message.rstrip(".。")) from error


def _choice(field: CustomField, text: str, _around: Around) -> str:
    code = field.choice(text)
    if code is None:
        known = joined(labels.said() for labels in field.choices.values())
        raise ValueError(_("“{text}” is none of: {codes}").format(text=_short(text), codes=known))
    return code


def _flag(_field: CustomField, text: str, _around: Around) -> bool:
    word = folded(text)
    if word not in YES | NO:
        raise ValueError(_("“{text}” is neither yes nor no").format(text=_short(text)))
    return word in YES


def _phone(_field: CustomField, text: str, around: Around) -> str:
    return normalise_phone(text, around.country).value


def _url(_field: CustomField, text: str, _around: Around) -> str:
    address = text if "://" in text else f"https://{text}"
    if not re.fullmatch(_URL, address):
        raise ValueError(_("“{text}” is no address of a web page").format(text=_short(text)))
    return address


def _short(text: str) -> str:
    return text[:60]


_READERS: dict[str, Callable[[CustomField, str, Around], Value]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "flag": _flag,
    "phone": _phone,
    "url": _url,
}
