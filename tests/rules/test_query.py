"""The query language: text to tree."""

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crmcli.errors import QueryError
from crmcli.rules.clean import printable
from crmcli.rules.query import MAX_CONDITIONS, MAX_DEPTH, MAX_LENGTH, All, Any_, Node, Not, Term, Value, Word, parse


def term(field: str, op: str, *values: str) -> Term:
    return Term(field, op, tuple(Value(value) for value in values))


A, B, C = Word("a"), Word("b"), Word("c")

EXAMPLES = {
    "": All(()),
    "  ": All(()),
    "a": A,
    "a b": All((A, B)),
    "a and b": All((A, B)),
    "a or b": Any_((A, B)),
    "a OR b | c 或 张": Any_((A, B, C, Word("张"))),
    "a|b": Any_((A, B)),
    "a b or c": Any_((All((A, B)), C)),
    "a (b or c)": All((A, Any_((B, C)))),
    "（a 或 b）": Any_((A, B)),
    "((a))": A,
    "-a": Not(A),
    "not a b": All((Not(A), B)),
    "not(a or b)": Not(Any_((A, B))),
    "-(a b)": Not(All((A, B))),
    "--a": Not(Not(A)),
    "class:interested": term("class", ":", "interested"),
    "class:core,interested": term("class", ":", "core", "interested"),
    "类别：核心，潜在": term("类别", ":", "核心", "潜在"),
    "class: core": term("class", ":", "core"),
    "-region:华东": Not(term("region", ":", "华东")),
    "name=张三": term("name", "=", "张三"),
    "ｌａｓｔ＿ｃｏｎｔａｃｔ＞60d ｏｒ ａ": Any_((term("last_contact", ">", "60d"), Word("ａ"))),
    "\u200bcl\xadass:co\u2060re\ufeff": term("class", ":", "core"),
    "class!=core": Not(term("class", "=", "core")),
    "类别！＝核心，潜在": Not(term("类别", "=", "核心", "潜在")),
    "class ≠ core": Not(term("class", "=", "core")),
    "minutes≥30 minutes ≤ 60": All((term("minutes", ">=", "30"), term("minutes", "<=", "60"))),
    "wow!": Word("wow!"),
    "last_contact<30d": term("last_contact", "<", "30d"),
    "created >= 2026-01-01": term("created", ">=", "2026-01-01"),
    "created<=2026-11-01T10:00": term("created", "<=", "2026-11-01T10:00"),
    "n>-5": term("n", ">", "-5"),
    "due:+3d": term("due", ":", "+3d"),
    "e-mail:x": term("e-mail", ":", "x"),
    "phone:138*": Term("phone", ":", (Value("138", prefix=True),)),
    "phone:*": Term("phone", ":", (Value("", prefix=True),)),
    'due:"next fri"': Term("due", ":", (Value("next fri", quoted=True),)),
    'name:"a b"*': Term("name", ":", (Value("a b", quoted=True, prefix=True),)),
    'tag:"a,b",c': Term("tag", ":", (Value("a,b", quoted=True), Value("c"))),
    '"or"': Word("or"),
    "'a b'": Word("a b"),
    "“a b”": Word("a b"),
    '"a ""b"" c"': Word('a "b" c'),
    '“a "b"”': Word('a "b"'),
    "O'Brien": Word("O'Brien"),
    '5"': Word('5"'),
    "or-else": Word("or-else"),
    "a或b": Word("a或b"),
    "10:30": Word("10:30"),
    "明天10:30": Word("明天10:30"),
    "http://x.cn/a?b=c": Word("http://x.cn/a?b=c"),
    "a@b.cn:25": Word("a@b.cn:25"),
    "华东（上海）公司": Word("华东（上海）公司"),
    "company:华东(上海)公司 a": All((term("company", ":", "华东(上海)公司"), A)),
    "(company:华东(上海))": term("company", ":", "华东(上海)"),
    "(a)b": All((A, B)),
}


@pytest.mark.parametrize(("text", "tree"), EXAMPLES.items())
def test_examples(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(a", "at character 1: (a"),
        ("a b)", "at character 4: )"),
        ("a ()", "at character 4: )"),
        ("a or", "at the end"),
        ("or a", "at character 1: or a"),
        ("a and or b", "at character 7: or b"),
        ("a 'n roll", "at character 3: 'n roll"),
        ("class:", "value is missing, at the end"),
        ("class:a,", "value is missing, at the end"),
        ("class:)", "value is missing, at character 7"),
        ("foo - bar", "at character 5: - bar"),
        ("-", "at the end"),
        ("a\0b", "not text"),
        ("a\udc80b", "not text"),
        ("a" * (MAX_LENGTH + 1), "longer than"),
        ("a " * (MAX_CONDITIONS + 1), "more than"),
        ("id:" + "1," * MAX_CONDITIONS + "1", "more than"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "nested deeper"),
        ("-" * MAX_LENGTH, "nested deeper"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert said in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message


@given(st.text() | st.text(alphabet="ab:=<>()（）|,-*\"'“” 或or\0"))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with suppress(QueryError):
        parse(text)


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8).map(printable)
_VALUES = st.builds(Value, _TEXTS, quoted=st.just(True), prefix=st.booleans())
_TERMS = st.builds(
    Term,
    st.sampled_from(["class", "last_contact_at", "公司", "e-mail", "x.y"]),
    st.sampled_from([":", "=", "<", "<=", ">", ">="]),
    st.lists(_VALUES, min_size=1, max_size=3).map(tuple),
)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, nodes) | st.builds(All, several) | st.builds(Any_, several)


TREES = st.recursive(st.builds(Word, _TEXTS) | _TERMS, _grown, max_leaves=8)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def printed(node: Node) -> str:
    match node:
        case Word(text):
            return _quote(text)
        case Term(field, op, values):
            return f"{field}{op}" + ",".join(_quote(value.text) + "*" * value.prefix for value in values)
        case Not(inner):
            return f"-({printed(inner)})"
        case All(nodes):
            return "(" + " ".join(map(printed, nodes)) + ")"
        case Any_(nodes):
            return "(" + " or ".join(map(printed, nodes)) + ")"


@given(TREES)
def test_a_printed_tree_parses_to_itself(tree: Node) -> None:
    try:
        parsed = parse(printed(tree))
    except QueryError as error:
        assume("nested deeper" not in error.message)
        raise
    assert parsed == tree
