"""E-mail addresses and IM handles: what is stored and what is compared."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from crmcli.i18n import _
from crmcli.rules.clean import printable

UNKNOWN_SERVICE = "im"

_SERVICES = {
    "im": "im handle account 账号 即时通讯",
    "wechat": "wechat weixin wx wechatid weixinid 微信 微信号 微信账号",
    "wecom": "wecom wxwork 企业微信",
    "qq": "qq qqid qq号 qq号码 tencentqq 腾讯qq",
    "weibo": "weibo sinaweibo 微博 新浪微博",
    "dingtalk": "dingtalk dingding 钉钉 钉钉号",
    "feishu": "feishu lark 飞书",
    "douyin": "douyin 抖音 抖音号",
    "tiktok": "tiktok",
    "xiaohongshu": "xiaohongshu rednote 小红书",
    "whatsapp": "whatsapp wa",
    "telegram": "telegram tg 电报",
    "skype": "skype skypeid",
    "line": "line lineid",
    "signal": "signal",
    "kakaotalk": "kakaotalk kakao",
    "viber": "viber",
    "discord": "discord",
    "slack": "slack",
    "teams": "teams msteams",
    "linkedin": "linkedin 领英",
    "twitter": "twitter x 推特",
    "facebook": "facebook fb messenger 脸书",
    "instagram": "instagram ig insta",
    "github": "github",
    "web": "web url website webpage personalwebpage 网站 网页 主页",
}
"""Code → the names people give to the service, without spaces."""

_HOSTS = {
    "weibo.com": "weibo",
    "weibo.cn": "weibo",
    "wa.me": "whatsapp",
    "api.whatsapp.com": "whatsapp",
    "t.me": "telegram",
    "telegram.me": "telegram",
    "line.me": "line",
    "linkedin.com": "linkedin",
    "linkedin.cn": "linkedin",
    "x.com": "twitter",
    "twitter.com": "twitter",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "m.me": "facebook",
    "instagram.com": "instagram",
    "github.com": "github",
    "tiktok.com": "tiktok",
    "douyin.com": "douyin",
    "xiaohongshu.com": "xiaohongshu",
    "signal.me": "signal",
    "discord.gg": "discord",
}
_FOLDERS = frozenset({"in", "u", "n", "p", "ti", "user", "users", "profile", "pub", "company", "people", "#p", "send"})
"""Folders of a profile's address that are no names."""
_NUMBERED = frozenset({"whatsapp", "signal", "viber", "qq"})
"""Services whose names are numbers, written with or without spaces."""

_PATTERNS = {
    "bracketed": r"<\s*([^<>]*?)\s*>\s*$",
    "usual": r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9.-]*[A-Za-z0-9]",
    "address": r"[^\s@,;<>]+@[^\s@,;<>]*[^\W_][^\s@,;<>]*",
    "url": (
        r"(?i)(?:https?://)?(?:www\.|mobile\.|m\.(?=[^.]+\.)|[a-z]{2}\.(?=linkedin))?"
        r"([\w-]+(?:\.[\w-]+)+)(/[^\s]*)?"
    ),
    "named": r"(?s)([^\W_][^\s:/@]{0,19})\s*:\s*(?!//)(.*)",
    "number": r"\+?[\d ().-]+",
}


class Handle(NamedTuple):
    """An account with a messenger or social network."""

    service: str
    """`wechat`, `qq`, …; `im` when nobody said which."""
    value: str
    """What is shown and stored: `wechat:ZhangSan88`."""
    key: str
    """What look-ups compare: `wechat:zhangsan88`."""


@cache
def _aliases() -> dict[str, str]:
    """Return name of a service → its code."""
    return {alias: code for code, names in _SERVICES.items() for alias in names.split()}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern, compiled when it is first used: each costs up to a millisecond, a look-up needs few."""
    return re.compile(_PATTERNS[name])


def service_of(name: str) -> str:
    """Return the code of a service named in either language (`微信`, `QQ号`, `WeChat ID`); empty when it is none."""
    return _aliases().get("".join(_folded(name).split()).replace("-", ""), "")


def normalise_email(text: str) -> str:
    """Return the address, case-folded; ValueError (translated) when the text is none.

    `mailto:` and `Ann Lee <ann@example.com>` are accepted, as is any alphabet on both sides of the `@`; the full
    stop of a Chinese keyboard is a dot.
    """
    address = _folded(text).replace("。", ".")
    bracketed = _pattern("bracketed").search(address) if address.endswith(">") else None
    if bracketed:
        address = bracketed[1]
    if address.startswith("mailto:"):
        address = address.removeprefix("mailto:").partition("?")[0]
    address = address.strip(" \t\n'\"“”‘’,;.")
    if not _pattern("address").fullmatch(address):
        raise ValueError(_("“{text}” is not an e-mail address").format(text=text[:60]))
    return address


def usual_emails(texts: Iterable[str]) -> list[str | None]:
    """Return each text that is nothing but an address of plain letters, as `normalise_email` does; None for others."""
    is_usual = _pattern("usual").fullmatch
    return [text.lower() if is_usual(text) else None for text in texts]


def normalise_handle(text: str, service: str = "") -> Handle:
    """Return the handle written as `wechat:zs`, `微信:zs`, `@ann` or a profile's URL.

    `service` is the code of the service where the text names none.
    Raises ValueError with a translated message when nothing is left to keep.
    """
    plain = " ".join(unicodedata.normalize("NFKC", printable(text)).split())
    named, name = _from_url(plain) or _from_prefix(plain, known_only=bool(service)) or ("", plain)
    code = named or service or UNKNOWN_SERVICE
    name = name.lstrip("@").strip() if code != "web" else name
    if code in _NUMBERED and _pattern("number").fullmatch(name):
        name = "+" * name.startswith("+") + "".join(filter(str.isdecimal, name))
    if not any(map(str.isalnum, name)):
        raise ValueError(_("“{text}” is not the name of an account").format(text=text[:60]))
    value = f"{code}:{name}"
    return Handle(code, value, _folded(value))


def _folded(text: str) -> str:
    """Return the text case-folded in compatible form (full-width letters are plain ones), without outer spaces."""
    if text.isascii() and text.isprintable():
        return text.lower().strip()
    folded = unicodedata.normalize("NFKC", printable(text)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def _from_url(text: str) -> tuple[str, str] | None:
    """Return service and name of a profile's address, or None when the text is none."""
    match = _pattern("url").fullmatch(text) if "." in text else None
    if match is None:
        return None
    host, path = match[1].lower(), match[2] or ""
    service = _HOSTS.get(host, "")
    if not service:
        return ("web", f"{host}{path}".rstrip("/")) if "://" in text else None
    path, _mark, query = path.partition("?")
    folders = [folder for folder in re.split(r"[/#]", path) if folder and folder.lower() not in _FOLDERS]
    number = re.search(r"(?:^|&)(?:phone|id)=([^&]+)", query)
    name = folders[0] if folders else number[1] if number else ""
    if service == "whatsapp" and name.isdecimal():
        name = "+" + name
    return service, name.lstrip("~@")


def _from_prefix(text: str, *, known_only: bool) -> tuple[str, str] | None:
    """Return service and name of `service:name`, or None; a service nobody knows counts unless `known_only`."""
    match = _pattern("named").fullmatch(text) if ":" in text else None
    if match is None:
        return None
    service = service_of(match[1])
    if not service and (known_only or not match[1].isidentifier()):
        return None
    return service or match[1].casefold(), match[2]


def handle_keys(text: str) -> tuple[str, ...]:
    """Return the keys under which a handle may be known, typed with or without its service; empty when it is none."""
    try:
        handle = normalise_handle(text)
    except ValueError:
        return ()
    if handle.service != UNKNOWN_SERVICE:
        return (handle.key,)
    name = handle.key.partition(":")[2]
    return tuple(f"{service}:{name}" for service in _SERVICES)
