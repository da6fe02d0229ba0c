"""The machine's time zone, and zones by name."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from crmcli.errors import NO_MORE_FILES, UsageError
from crmcli.i18n import _

_HOUR = 3600
_LARGEST = 1 << 16
"""Bytes; the file of a zone is far smaller."""
_POSIX = r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)([+-]?)(\d{1,2})(?::?00)?"


def load_zone(key: str) -> ZoneInfo:
    """Return the zone of an IANA name such as `Asia/Shanghai`; raises UsageError when there is none."""
    zone = _zone(key)
    if zone is None:
        raise UsageError(
            _("there is no time zone “{zone}”").format(zone=key[:80]),
            hint=_("zones are named as in Asia/Shanghai, Europe/Berlin or UTC"),
        )
    return zone


def local_zone(environ: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """Return the IANA name of the machine's zone: TZ, then /etc/timezone, /etc/localtime, then its present offset.

    A TZ in POSIX form is understood when it knows no daylight saving (`CST-8`); of the others, and of nonsense, the
    system's own zone is taken, because an offset alone would drift.
    """
    for key in _candidates(environ.get("TZ", ""), etc):
        if key and _zone(key):
            return key
    hours, rest = divmod(time.localtime().tm_gmtoff, _HOUR)
    fixed = f"Etc/GMT{-hours:+d}"  # POSIX counts westwards: Etc/GMT-8 is eight hours east of Greenwich
    return fixed if hours and not rest and _zone(fixed) else "UTC"


def known_zone(tz: str) -> bool:
    """Return whether a value of TZ names a zone, so that `local_zone` takes it."""
    return any(key and _zone(key) for key in _named(tz))


def _zone(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError) as error:  # unknown; not a name at all; a folder of zones, or one too long
        if isinstance(error, OSError) and error.errno in NO_MORE_FILES:
            raise  # it says nothing of the zone
        return None


def _candidates(tz: str, etc: Path) -> Iterator[str]:
    yield from _named(tz)
    with suppress(OSError, ValueError):
        yield (etc / "timezone").read_text("utf-8").strip()
    yield from _of_file(str(etc / "localtime"))


def _named(tz: str) -> Iterator[str]:
    tz = tz.strip().removeprefix(":")
    yield from _of_file(tz) if tz.startswith("/") else (tz,)
    if posix := re.fullmatch(_POSIX, tz):
        yield f"Etc/GMT{posix[1] or '+'}{int(posix[2])}"


def _of_file(path: str) -> Iterator[str]:
    """Yield what zone a file may be: by its place, by the place that it is a link to, by what is in it."""
    yield _below_zoneinfo(path)
    with suppress(OSError, RuntimeError, ValueError):
        place = Path(path).resolve()
        yield _below_zoneinfo(str(place))
        if place.is_file() and place.stat().st_size < _LARGEST:
            yield from _of_content(place.read_bytes())


def _of_content(content: bytes) -> Iterator[str]:
    """Yield the zones that are the same as a copy of one; of several names the one in use today comes first."""
    for folder in map(Path, TZPATH if content.startswith(b"TZif") else ()):
        with suppress(OSError, ValueError, IndexError):
            lines = (folder / "zone.tab").read_text("utf-8").splitlines()
            names = [line.split("\t")[2] for line in lines if not line.startswith("#")]
            yield from (name for name in names if (folder / name).read_bytes() == content)


def _below_zoneinfo(path: str) -> str:
    return path.partition("/zoneinfo/")[2].removeprefix("posix/").removeprefix("right/")
