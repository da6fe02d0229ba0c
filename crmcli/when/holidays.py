"""Holidays: they are known by name only, so that who says one is asked for its day."""

import re

from crmcli.i18n import _

_NAMES = (
    "元旦|春节|过完?年|^年[前后]|除夕|元宵|清明|五一|劳动节|端午|七夕|中秋|重阳|国庆|十一(?:长假|[前后])|黄金周"
    r"|圣诞|感恩节|复活节|节[前后日]|假期|\b(?:(?:christ|x)mas|easter|thanksgiving|ramadan|eid|diwali|holidays?"
    r"|(?:chinese |lunar )?new year|spring festival)\b"
)


def holiday_hint(text: str) -> str:
    """Return what to type in place of a holiday; empty for a text that names none.

    Their days move with the moon and with what a government decrees, and “after” one may mean the next day or week.
    """
    if re.search(_NAMES, text.lower()):
        return _("holidays are not known by name; type the day, for example: 20 feb, 2月20日, in 3 weeks")
    return ""
