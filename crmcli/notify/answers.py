"""Answers of web services: of each no more is read than tells whether the message was taken, and it must have been."""

from collections.abc import Iterator
from typing import Any

LIMIT = 1 << 16
"""Bytes; what comes after them is not read, and the connection is closed."""

_LOSING = frozenset({301, 302})
"""Answers that say where else to go, and where `requests` goes without the message."""


def bound_answers(sessions: Any) -> None:
    """Have the module `requests.sessions` read the beginning of an answer alone, and leave no message behind.

    It reads answers whole, also those without end, and has no setting that says otherwise. What is to be sent to
    another place it asks that place for, as browsers do: an answer to that would pass for a message that was taken.
    """

    class Adapter(sessions.HTTPAdapter):  # type: ignore[misc]  # its class is known when it is loaded
        bounded = True

        def build_response(self, request: Any, *of: Any) -> Any:
            answer = super().build_response(request, *of)
            if answer.status_code in _LOSING and request.method == "POST":
                answer.headers.pop("Location", None)
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
