"""How large something is, as people say it."""

_UNITS = ("B", "KB", "MB", "GB", "TB")
_STEP = 1000


def readable_size(count: int) -> str:
    """Return a number of bytes with its decimal unit: `352 KB`, `2.9 MB`."""
    size, power = float(count), 0
    while size >= _STEP and power + 1 < len(_UNITS):
        size, power = size / _STEP, power + 1
    decimals = 1 if power > 1 else 0
    return f"{size:.{decimals}f} {_UNITS[power]}"
