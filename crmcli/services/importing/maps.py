"""Mappings of headings to fields that are kept under a name."""

import json
import sqlite3
from collections.abc import Mapping

from crmcli.errors import NotFoundError, UsageError
from crmcli.i18n import _, joined


def save_map(connection: sqlite3.Connection, name: str, mapping: Mapping[str, str]) -> None:
    """Keep a mapping (heading → field), in place of an older one of this name; raises UsageError for an empty one."""
    if not mapping:
        raise UsageError(_("there is no mapping to keep"), hint='--map "手机=phone" --save-map NAME')
    connection.execute(
        "INSERT OR REPLACE INTO import_map (name, mapping) VALUES (?, ?)",
        (name, json.dumps(mapping, ensure_ascii=False)),
    )


def load_map(connection: sqlite3.Connection, name: str, header: list[str]) -> dict[str, str]:
    """Return the part of a kept mapping that this header has columns for; raises NotFoundError, UsageError."""
    row = connection.execute("SELECT mapping FROM import_map WHERE name = ?", (name,)).fetchone()
    if row is None:
        names = joined(known for (known,) in connection.execute("SELECT name FROM import_map ORDER BY name"))
        raise NotFoundError(
            _("there is no mapping “{name}”").format(name=name),
            hint=_("there are: {names}").format(names=names) if names else _("keep one with --save-map NAME"),
        )
    try:
        mapping = {str(heading): str(field) for heading, field in json.loads(row[0]).items()}
    except (ValueError, AttributeError) as error:  # somebody wrote it with another program
        raise UsageError(
            _("the mapping “{name}” can't be read").format(name=name), hint=_("keep it anew with --save-map")
        ) from error
    columns = {heading.casefold() for heading in header}
    return {heading: field for heading, field in mapping.items() if " ".join(heading.casefold().split()) in columns}
