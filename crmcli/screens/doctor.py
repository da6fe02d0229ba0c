"""What the doctor found, one line a check, and what cures it."""

from collections.abc import Iterable, Iterator, Sequence

from crmcli.i18n import _
from crmcli.render.lines import DIM, GOOD, LATE, Line, Span, line, wrap
from crmcli.store.health.check import Finding

_INDENT = 2


def finding_lines(findings: Iterable[Finding], edge: int) -> Iterator[Line]:
    """Yield a line for every finding: all is well, mended, or wrong with its cure behind an arrow."""
    for finding in findings:
        mark = Span("✓", GOOD) if finding.ok else Span("✗", LATE)
        said: Sequence[str | Span] = (f" {finding.message}",)
        if finding.fixed:
            said = (f" {finding.message} ", Span(_("(mended)"), GOOD))
        elif not finding.ok:
            said = (f" {finding.message} ", Span(f"→ {finding.cure}", DIM))
        yield from wrap(line(mark, *said), edge, indent=_INDENT)
