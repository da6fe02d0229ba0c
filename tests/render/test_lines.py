from hypothesis import given
from hypothesis import strategies as st

from crmcli.render.lines import (
    DIM,
    MATCH,
    Line,
    Span,
    broken,
    fit_line,
    highlight,
    line,
    line_width,
    paint,
    spread,
    styled,
    wrap,
)


def plain(content: Line) -> str:
    return paint(content, colour=False)


def test_paint_colours_what_is_styled() -> None:
    content = line("a ", Span("张三", "bold"), styled("\x1b[0m", "cyan dim"))
    assert paint(content, colour=True) == "a \x1b[1m张三\x1b[0m\x1b[36;2m␛[0m\x1b[0m"
    assert plain(content) == "a 张三␛[0m"


def test_a_span_that_nobody_made_safe_is_safe_when_printed() -> None:
    assert plain((Span("\x1b[2J\n"),)) == "␛[2J⏎"


def test_highlight() -> None:
    assert highlight("Ann Lee called ann", ["ann"], DIM) == (
        Span("Ann", f"{DIM} {MATCH}"),
        Span(" Lee called ", DIM),
        Span("ann", f"{DIM} {MATCH}"),
    )
    assert highlight("交付延迟三天", ["延迟", "迟"]) == (Span("交付"), Span("延迟", MATCH), Span("三天"))
    assert highlight("a.c abc", ["a.c", ""]) == (Span("a.c", MATCH), Span(" abc"))
    assert highlight("x", []) == (Span("x"),)


def test_spread() -> None:
    assert plain(spread(line("张三"), line("12"), 10)) == "张三    12"
    assert plain(spread(line("a long name"), line("12"), 10)) == "a lon…  12"


def test_wrap() -> None:
    assert [plain(part) for part in wrap(line("喜欢茶，不喝酒。likes tea"), 12, 2)] == [
        "喜欢茶，不喝",
        "  酒。likes",
        "  tea",
    ]
    assert [plain(part) for part in wrap(line("abcdefghij"), 4)] == ["abcd", "efgh", "ij"]
    assert [plain(part) for part in wrap(line(""), 4)] == [""]


pieces = st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["", "bold", "red"])).map(lambda pair: Span(*pair)))


@given(pieces, st.integers(0, 30))
def test_a_fitted_line_fits(spans: list[Span], cells: int) -> None:
    fitted = fit_line(line(*spans), cells)
    assert line_width(fitted) <= cells


@given(pieces, st.integers(8, 30), st.integers(0, 4))
def test_wrapped_lines_fit_and_lose_nothing(spans: list[Span], edge: int, indent: int) -> None:
    content = line(*spans)
    lines = wrap(content, edge, indent)
    assert all(line_width(part) <= edge for part in lines)
    assert "".join(map(plain, lines)).replace(" ", "") == plain(content).replace(" ", "")


def test_a_line_of_a_table_goes_on_under_its_last_column() -> None:
    pieces = broken(line("    2   usage   a date that can't be read"), 32)
    assert [plain(piece) for piece in pieces] == ["    2   usage   a date that", "                can't be read"]
    pieces = broken(line("    today   tomorrow   in a year"), 20)
    assert [plain(piece) for piece in pieces] == ["    today   tomorrow", "    in a year"]
