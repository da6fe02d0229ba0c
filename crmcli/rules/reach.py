"""E-mail addresses and IM handles: what is stored and what is compared."""

from typing import NamedTuple


class Handle(NamedTuple):
    """An account with a messenger or social network."""

    service: str
    """`wechat`, `qq`, …; `im` when nobody said which."""
    value: str
    """What is shown and stored: `wechat:ZhangSan88`."""
    key: str
    """What look-ups compare: `wechat:zhangsan88`."""


def normalise_email(text: str) -> str:
    """Return the address, case-folded; ValueError (translated) when the text is none."""
    raise NotImplementedError


def normalise_handle(text: str, service: str = "") -> Handle:
    """Return the handle written as `wechat:zs`, `微信:zs`, `@ann` or a profile's URL; `service` where the text names none.

    Raises ValueError with a translated message when nothing is left to keep.
    """
    raise NotImplementedError
