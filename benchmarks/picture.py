"""The picture of how cost grows with size, drawn as SVG from the figures of benchmarks/growth.py."""

from collections.abc import Iterator
from math import log10
from typing import Any

_WIDTH, _HEIGHT = 860, 430
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 660, 100, 372
"""The edges of the plot."""
_COLOURS = {
    "log": "#e5c07b",
    "list": "#c678dd",
    "find": "#61afef",
    "today": "#98c379",
    "show": "#56b6c2",
    "remind": "#f07178",
}
_LABEL = 21
"""So far apart the names of two lines are at least."""
_TICKS = (10, 20, 50, 100, 200, 500, 1000, 2000)

_HEAD = f"""<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>Cost of a command by the number of contacts</title>
<style>
text {{ font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 14px; fill: #abb2bf }}
.head {{ font-size: 16px; font-weight: bold; fill: #dcdfe4 }}
.cost {{ fill: #8d9095 }}
.grid {{ stroke: #dcdfe4; stroke-opacity: 0.12 }}
.same {{ stroke: #8d9095; stroke-dasharray: 3 5; fill: none }}
.line {{ stroke-width: 2.5; stroke-linejoin: round; fill: none }}
</style>
<rect x="1" y="1" width="{_WIDTH - 2}" height="{_HEIGHT - 2}" rx="8" fill="#181a1f" stroke="#ffffff" \
stroke-opacity="0.35"/>
"""


def picture(figures: dict[str, Any]) -> str:
    """Return the picture of what `growth.measure` measured."""
    sizes, lines = figures["contacts"], figures["milliseconds"]
    largest = max(max(values) for values in lines.values())
    top = next((tick for tick in _TICKS if tick >= largest), largest)
    plot = _Plot(sizes[0], sizes[-1], _TICKS[0], top)
    return "\n".join([_HEAD + "\n".join(_frame(plot, sizes)), *_curves(plot, sizes, lines), "</svg>\n"])


class _Plot:
    """Where a size and a cost are on the picture: both axes are logarithmic."""

    def __init__(self, least: float, most: float, low: float, high: float) -> None:
        self.least, self.most, self.low, self.high = least, most, low, high

    def x(self, size: float) -> float:
        """Return where a number of contacts is."""
        return _LEFT + (_RIGHT - _LEFT) * log10(size / self.least) / log10(self.most / self.least)

    def y(self, cost: float) -> float:
        """Return where so many milliseconds are; less than the lowest is drawn at the edge."""
        return _BOTTOM - (_BOTTOM - _TOP) * log10(max(cost, self.low) / self.low) / log10(self.high / self.low)


def _frame(plot: _Plot, sizes: list[int]) -> Iterator[str]:
    """Yield heading, axes, and how it would look if cost grew as size does."""
    yield f'<text class="head" x="{_LEFT}" y="36">What a command costs, by how many contacts there are</text>'
    yield f'<text x="{_LEFT}" y="60">milliseconds of the processor, whole process; three follow-ups a contact</text>'
    for cost in (tick for tick in _TICKS if tick <= plot.high):
        y = plot.y(cost)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
        yield f'<text x="{_LEFT - 12}" y="{y + 5:.1f}" text-anchor="end">{cost:,}</text>'
    for size in sizes:
        x = plot.x(size)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{_BOTTOM}"/>'
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 26}" text-anchor="middle">{size:,}</text>'
    end = plot.least * plot.high / plot.low
    yield f'<path class="same" d="M{_LEFT} {_BOTTOM}L{plot.x(end):.1f} {_TOP}"/>'
    yield f'<text x="{plot.x(end) + 10:.1f}" y="{_TOP - 8}">in proportion to size</text>'


def _curves(plot: _Plot, sizes: list[int], lines: dict[str, list[float]]) -> Iterator[str]:
    """Yield a line with its name for each command, the names kept apart."""
    free = float(_BOTTOM + _LABEL)
    for name, costs in sorted(lines.items(), key=lambda item: item[1][-1]):
        points = [(plot.x(size), plot.y(cost)) for size, cost in zip(sizes, costs, strict=True)]
        free = min(points[-1][1], free - _LABEL)
        stroke = f'stroke="{_COLOURS[name]}"'
        yield f'<path class="line" {stroke} d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_COLOURS[name]}"/>' for x, y in points)
        said = f'{name:<7}<tspan class="cost">{costs[0]:4.0f} → {costs[-1]:.0f} ms</tspan>'
        place = f'xml:space="preserve" x="{_RIGHT + 14}" y="{free + 5:.1f}"'
        yield f'<text {place} style="fill: {_COLOURS[name]}">{said}</text>'
