"""Answers of web services, of which no more is read than tells whether a message was taken."""

from collections.abc import Iterator
from typing import Any

LIMIT = 1 << 16
"""Bytes; what comes after them is not read, and the connection is closed."""


def bound_answers(sessions: Any) -> None:
    """Have the module `requests.sessions` read the beginning of an answer alone.

    It reads answers whole, also those without end, and has no setting that says otherwise.
    """

    class Adapter(sessions.HTTPAdapter):  # type: ignore[misc]  # its class is known when it is loaded
        bounded = True

        def build_response(self, *of: Any) -> Any:
            answer = super().build_response(*of)
            answer.raw = _Beginning(answer.raw)
            return answer

    if not hasattr(sessions.HTTPAdapter, "bounded"):
        sessions.HTTPAdapter = Adapter


class _Beginning:
    """An answer as it is read from the network, up to the limit."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def stream(self, *how: Any, **more: Any) -> Iterator[bytes]:
        """Yield pieces of the answer."""
        left = LIMIT
        for piece in self._raw.stream(*how, **more):
            yield piece
            left -= len(piece)
            if left <= 0:
                self._raw.close()
                return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)
