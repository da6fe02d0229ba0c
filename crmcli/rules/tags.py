"""Tags as they are typed."""

from collections.abc import Iterable

from crmcli.rules.names import clean


def split_tags(names: Iterable[str]) -> list[str]:
    """Return clean tags from texts in which commas of either language may separate several."""
    parts = (clean(part) for text in names for part in text.replace("，", ",").replace("、", ",").split(","))
    return [part for part in parts if part]
