from crmcli.render.layout import Column, Section, column_widths, layout
from crmcli.render.lines import DIM, ID, LATE, NAME, SOON, Part, paint, styled

COLUMNS = (
    Column(shrink=1, least=24),
    Column(shrink=3, drop=2),
    Column(shrink=2, drop=1),
    Column(),
    Column(right=True),
)


def row(name: str, place: str, what: str, when: Part, number: str) -> list[Part]:
    return [styled(name, NAME), styled(place, DIM), what, when, styled(number, ID)]


SECTIONS = [
    Section(
        "Overdue",
        [
            row("王五", "华能 · 厂长", "报价跟进", styled("2 days", LATE), "12"),
            row("Ann Lee", "Acme · CTO", "contract renewal", styled("1 day", LATE), "9"),
        ],
    ),
    Section("Nobody", []),
    Section("Today", [row("欧阳娜娜", "", "首次回访", styled("14:30", SOON), "117")]),
]


def screen(width: int) -> list[str]:
    return [paint(line, colour=False) for line in layout(SECTIONS, COLUMNS, width)]


def test_columns_align_across_sections() -> None:
    assert screen(80) == [
        "Overdue",
        "  王五      华能 · 厂长  报价跟进          2 days   12",
        "  Ann Lee   Acme · CTO   contract renewal  1 day     9",
        "Today",
        "  欧阳娜娜               首次回访          14:30   117",
    ]


def test_narrow_screens_cut_texts_first() -> None:
    assert screen(48) == [
        "Overdue",
        "  王五      华能 · …  报价跟进       2 days   12",
        "  Ann Lee   Acme · …  contract ren…  1 day     9",
        "Today",
        "  欧阳娜娜            首次回访       14:30   117",
    ]


def test_then_leave_columns_out() -> None:
    assert screen(24) == [
        "Overdue",
        "  王五      2 days   12",
        "  Ann Lee   1 day     9",
        "Today",
        "  欧阳娜娜  14:30   117",
    ]


def test_what_is_flexible_gives_way_in_proportion_to_what_it_has() -> None:
    columns = (Column(), Column(shrink=1, least=10), Column(shrink=1, least=10))
    assert column_widths([10, 30, 90], columns, 84) == [10, 20, 50]
    assert column_widths([10, 30, 90], columns, 200) == [10, 30, 90]


def test_an_empty_column_takes_no_room() -> None:
    assert column_widths([3, 0, 4], (Column(), Column(), Column()), 80) == [3, 0, 4]


def test_names_can_be_read_on_the_narrowest_of_screens() -> None:
    columns = (Column(shrink=1, least=12), Column(shrink=2, least=16), Column(shrink=1, least=20), Column(right=True))
    assert column_widths([12, 40, 24, 3], columns, 30) == [6, 7, 8, 3]
    assert column_widths([12, 40, 24, 3], columns, 20) == [6, 0, 7, 3]
    assert column_widths([12, 40, 24, 3], columns, 9) == [1, 0, 1, 3]
