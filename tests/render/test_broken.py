"""Lines that are too wide for the terminal."""

import pytest

from crmcli.render.lines import broken, line, line_width, wrap


@pytest.mark.parametrize("edge", [20, 21, 40])
@pytest.mark.parametrize(
    "text", ["solved: crm complaint resolve 1 after the call", "  交付延迟，客户很不满意，要求换货", "x" * 70]
)
def test_a_line_that_is_too_wide_is_broken_and_nothing_of_it_is_lost(text: str, edge: int) -> None:
    lines = broken(line(text), edge)
    assert all(line_width(piece) <= edge for piece in lines)
    assert "".join(span.text for piece in lines for span in piece).replace(" ", "") == text.replace(" ", "")


def test_a_line_that_fits_is_left_as_it_is() -> None:
    content = line("short  ")
    assert broken(content, 20) == [content]


def test_half_a_line_is_the_most_that_is_indented() -> None:
    assert all(line_width(piece) <= 20 for piece in wrap(line("a customer who is not satisfied"), 20, indent=40))
