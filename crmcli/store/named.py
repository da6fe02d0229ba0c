"""Which file a database's name means: a path, or the URL of one."""

from pathlib import Path
from types import ModuleType

from crmcli.errors import StoreError
from crmcli.i18n import _


def database_called(name: str) -> Path:
    """Return the file that a database is in, by its path, `sqlite:///PATH` or `file:PATH`, as SQLite writes it.

    Raises StoreError for what is no file.
    """
    path = name
    if name.startswith("sqlite://"):
        path = name.removeprefix("sqlite://").removeprefix("/")
    elif name.startswith("file:"):
        urls = _load_urls()
        url = urls.urlsplit(name)
        path = urls.unquote(url.path) if url.netloc in ("", "localhost") and not url.query else ""
    scheme, separator, _rest = path.partition("://")
    if separator or path in ("", ":memory:"):  # SQLite would take it for a database that is gone at the end of the run
        raise StoreError(
            _("this version keeps customers in an SQLite file, not in {scheme}").format(scheme=scheme or name),
            hint=_("name a file with --db"),
        )
    return Path(path).expanduser()


def _load_urls() -> ModuleType:
    """Load what takes URLs apart: hardly anybody writes one."""
    import urllib.parse

    return urllib.parse
