"""`crm import`: what becomes of every row, in every kind of file, and that nothing is ever half done."""

import csv
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.commands import importing
from tests.conftest import Crm, Result
from tests.imports import HEADER, LI, contacts, counts, dump, imported


def test_the_summary_is_the_contract(crm: Crm) -> None:
    assert imported(crm, f"{HEADER}\n{LI}\n") == {
        "read": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
        "change": 1,
        "rejects_file": None,
        "errors": [],
    }
    again = imported(crm, f"{HEADER}\n{LI}\n")
    assert (again["unchanged"], again["change"]) == (1, None)
    (row,) = contacts(crm)
    assert (row["name"], row["company"], row["title"]) == ("李四", "南方电网", "经理")
    assert row["phones"] == ["+8613900139000"]
    assert row["owner"] == "wei"
    assert row["created_at"] == "2026-11-25T09:00:00+08:00"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_encoding_delimiter_and_line_end(crm: Crm, encoding: str, delimiter: str, line_end: str) -> None:
    lines = [["姓名", "电话", "公司"], ["李四", "13900139000", "南方电网"], ["张三", "13800138000", "华东电力"]]
    text = line_end.join(delimiter.join(line) for line in lines) + line_end
    assert counts(imported(crm, text.encode(encoding))) == {"created": 2}
    assert [(row["name"], row["company"]) for row in contacts(crm)] == [("李四", "南方电网"), ("张三", "华东电力")]


def test_people_read_a_line(crm: Crm) -> None:
    first = crm.ok("import", "-", stdin=f"{HEADER},鞋码\n{LI},42\n")
    assert first.out == "Read 1: 1 created (change 1; crm undo takes it back)\n"
    assert "鞋码" in first.err
    assert crm.ok("import", "-", stdin=f"{HEADER}\n{LI}\n").out == "Read 1: 1 unchanged — already up to date\n"
    third = crm("import", "-", stdin=f"{HEADER}\n,,,\n张三,12,,\n")
    assert third.code == 6
    assert third.out == "Read 1: 1 rejected\n"
    assert "row 3: Phones: “12” is not a phone number" in third.err


def test_quoted_line_breaks_ragged_rows_and_blank_rows(crm: Crm) -> None:
    text = 'name,phone,notes\n"Ann Lee",+1 212 555 0100,"one\ntwo"\n\nBob\n,,\nCarl,,x,y\n'
    summary = imported(crm, text)
    assert counts(summary) == {"created": 2, "rejected": 1}
    assert summary["errors"][0]["row"] == 6
    assert [(row["name"], row["notes"]) for row in contacts(crm)] == [("Ann Lee", "one\ntwo"), ("Bob", None)]


# words


def test_labels_of_both_languages_are_codes_and_unknown_classes_are_rejected(crm: Crm) -> None:
    summary = imported(crm, "姓名,客户类别,来源\n一,有意向,展会\n二,Interested,朋友圈\n三,瞎写,\n四,核心客户,朋友圈\n")
    assert counts(summary) == {"created": 3, "rejected": 1}
    (error,) = summary["errors"]
    assert (error["row"], error["field"], error["value"]) == (4, "class", "瞎写")
    assert "interested" in error["message"]
    assert [(row["class"], row["source"]) for row in contacts(crm)] == [
        ("interested", "expo"),
        ("interested", "朋友圈"),
        ("core", "朋友圈"),
    ]
    words = [word["code"] for word in crm.data("vocabulary", "list")]
    assert words.count("朋友圈") == 1
    assert "瞎写" not in words


def test_companies_are_made_once_and_found_again(crm: Crm) -> None:
    imported(crm, "姓名,公司\n一,华东电力\n二,华东电力\n三,ACME  Ltd\n四,acme ltd\n")
    rows = crm.data("company", "list", "--sort", "name")
    assert [(row["name"], row["contacts"]) for row in rows] == [("ACME Ltd", 2), ("华东电力", 2)]


def test_companies_as_rows(crm: Crm) -> None:
    text = "公司名称,行业,电话,网址\n华东电力,电力,021-12345678,hd.cn\n华东电力,能源,,\n"
    assert counts(imported(crm, text, "--as", "companies")) == {"created": 1, "updated": 1}
    (row,) = crm.data("company", "list")
    assert (row["industry"], row["phones"], row["website"]) == ("能源", ["+862112345678"], "hd.cn")
    assert counts(imported(crm, text, "--as", "companies")) == {"unchanged": 2}


def test_who_sent_somebody_is_found_wherever_they_stand(crm: Crm) -> None:
    file = "姓名,介绍人\n一,二\n二,\n三,没有这个人\n四,四\n"
    said = crm.ok("import", "-", stdin=file).err
    assert [row["referred_by"] for row in contacts(crm)] == ["二", None, None, None]
    assert "nobody or several of that name: 没有这个人" in said
    crm.ok("add", "二", "--force", "--company", "B")
    assert "没有这个人" in (said := crm.ok("import", "-", stdin=file).err)
    assert "二" not in said, "it is noted already"


# mapping


def test_map_save_and_use(crm: Crm) -> None:
    text = "Wer,Fon,Firma\nAnn Lee,+49 30 123456,Acme\n"
    refused = crm("import", "-", stdin=text)
    assert refused.code == 2
    assert "Wer, Fon, Firma" in refused.err
    mapping = ["--map", "Wer=name", "--map", "fon=phone", "--map", "Firma=-"]
    assert counts(imported(crm, text, *mapping, "--save-map", "german")) == {"created": 1}
    (row,) = contacts(crm)
    assert (row["name"], row["phones"], row["company"]) == ("Ann Lee", ["+4930123456"], None)
    assert counts(imported(crm, "Wer,Fon\nAnn Lee,x\n", "--use-map", "german")) == {"rejected": 1}
    assert counts(imported(crm, text, "--use-map", "german", "--map", "Firma=company")) == {"updated": 1}
    unknown = crm("import", "-", "--use-map", "greek", stdin=text)
    assert unknown.code == 3
    assert "german" in unknown.err


@pytest.mark.parametrize("mapping", ["nothing", "=name", "Wer=shoe", "Wen=name"])
def test_a_mapping_that_can_not_be_is_refused(crm: Crm, mapping: str) -> None:
    assert crm("import", "-", "--map", mapping, stdin="Wer\nAnn\n").code == 2


# rejects


def test_every_bad_cell_of_a_row_is_told(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "size", "--type", "number")
    file, rejects = crm.folder / "in.csv", crm.folder / "rejects.csv"
    file.write_text(
        "name,phone,email,birthday,class,size\n"
        "Ann,+49 30 1234567,ann@x.de,1990-01-02,core,3\n"
        "Bob,12,bob,1990-13-45,gold,big\n"
        "Cid,,,bad,core,3\n",
        "utf-8",
    )
    summary = crm("import", str(file), "--rejects", str(rejects), "-o", "json").json
    assert (summary["created"], summary["rejected"]) == (1, 2)
    first, second = summary["errors"]
    for said in ("Phones: “12”", "E-mails: “bob”", "Class: “gold”", "“big”"):
        assert said in first["message"]
    assert (first["field"], first["value"]) == ("birthday", "1990-13-45")
    assert second["message"] == "“bad” is no birthday"
    reasons = [row[-1] for row in csv.reader(io.StringIO(rejects.read_text("utf-8"), newline=""))]
    assert reasons[1] == f"Birthday: {first['message']}"
    assert "；邮箱：" in crm("import", str(file), CRM_LANG="zh").err


@pytest.mark.parametrize(
    ("kind", "text", "messages"),
    [
        (
            "followups",
            "contact,kind,at,minutes,text\nAnn,xx,2026-13-01,abc,\n,call,2099-01-01,1x,hello\n",
            [
                ["“xx” is none of", "When: “2026-13-01”", "Minutes: “abc”", "Text: the text is empty"],
                ["it does not say whose it is", "When: it is still to come", "Minutes: “1x”"],
            ],
        ),
        (
            "callbacks",
            "contact,kind,due,repeat\nAnn,foo,fri,every foo\nAnn,visit,fri,every foo\nAnn,foo,nie,every foo\n",
            [
                ["“foo” is none of", "Repeat: “every foo”"],
                ["“every foo” can't be read as a repeat"],
                ["“foo” is none of", "When: “nie”", "Repeat: “every foo”"],
            ],
        ),
    ],
)
def test_every_bad_cell_of_what_happened_is_told(crm: Crm, kind: str, text: str, messages: list[list[str]]) -> None:
    crm.ok("add", "Ann")
    file = crm.folder / "in.csv"
    file.write_text(text, "utf-8")
    errors = crm("import", str(file), "--as", kind, "-o", "json").json["errors"]
    told = [error["message"].split("; ") for error in errors]
    assert [len(parts) for parts in told] == [len(parts) for parts in messages]
    for parts, expected in zip(told, messages, strict=True):
        assert all(said in part for part, said in zip(parts, expected, strict=True)), parts


def test_rejected_rows_are_corrected_and_imported_again(crm: Crm) -> None:
    file, rejects = crm.folder / "in.csv", crm.folder / "rejects.csv"
    file.write_text('姓名;手机;备注\n一;13800138000;ok\n二;12;"a\nb"\n;13700137000;\n四;1;2;3\n', "utf-8")
    summary = crm("import", str(file), "--rejects", str(rejects), "-o", "json")
    assert summary.code == 6
    assert summary.json["rejects_file"] == str(rejects)
    assert summary.json["rejected"] == 3
    assert rejects.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO(rejects.read_text("utf-8"), newline=""), delimiter=";"))
    assert rows[0] == ["姓名", "手机", "备注", "_row", "_error"]
    assert [row[3] for row in rows[1:]] == ["3", "4", "5"]
    corrected = rejects.read_text("utf-8").replace("二;12", "二;13900139000").replace("\n;137", "\n三;137")
    rejects.write_text(corrected, "utf-8")
    again = crm("import", str(rejects), "--rejects", str(rejects.with_name("more.csv")), "-o", "json")
    assert (again.json["created"], again.json["rejected"]) == (2, 1)
    assert again.err == ""
    assert rejects.with_name("more.csv").read_text("utf-8").startswith("姓名;手机;备注;_row;_error\n四;1;2;4;")


def test_rejects_of_a_spreadsheet_program_carry_its_mark(crm: Crm) -> None:
    rejects = crm.folder / "rejects.csv"
    crm("import", "-", "--rejects", str(rejects), stdin="姓名,手机\n一,12\n".encode("gb18030"))
    assert rejects.read_bytes().startswith(b"\xef\xbb\xbf")


def test_no_rejects_no_file_and_never_over_the_input(crm: Crm) -> None:
    file = crm.folder / "in.csv"
    file.write_text("name\nAnn\n", "utf-8")
    assert crm.data("import", str(file), "--rejects", str(crm.folder / "r.csv"))["rejects_file"] is None
    assert not (crm.folder / "r.csv").exists()
    assert crm("import", str(file), "--rejects", str(file)).code == 2


def test_rejects_that_can_not_be_written_leave_everything_as_it_was(crm: Crm) -> None:
    crm.ok("contact", "list")
    before = dump(crm)
    refused = crm("import", "-", "--rejects", str(crm.folder / "no" / "r.csv"), stdin="name,phone\nAnn,\nBob,1\n")
    assert (refused.code, dump(crm)) == (2, before)


# dry run, undo


def test_a_dry_run_shows_differences_and_writes_nothing(crm: Crm) -> None:
    imported(crm, f"{HEADER}\n{LI}\n")
    before = dump(crm)
    text = f"{HEADER},邮箱\n李四,13900139000,国家电网,总监,li@x.cn\n王五,,,,\n"
    run = crm.ok("import", "-", "--dry-run", "--save-map", "x", "--map", "职务=title", stdin=text)
    assert run.out.splitlines() == [
        "dry run: row 2: 李四 · update · Title: 经理 → 总监 · Company: 南方电网 → 国家电网 · +E-mails: li@x.cn",
        "dry run: row 3: 王五 · create",
        "dry run: Read 2: 1 created, 1 updated",
    ]
    assert imported(crm, text, "-n")["change"] is None
    assert dump(crm) == before
    assert crm("import", "-", "--use-map", "x", stdin=text).code == 3


def test_a_dry_run_leaves_no_change_untold(crm: Crm) -> None:
    """Every record that counts as created or updated has its line; what comes with them is counted."""
    imported(crm, f"{HEADER}\n{LI}\n")
    text = (
        f"{HEADER},来源\n李四,13900139000,国家电网,总监,路边\n王五,13700137000,新公司,,\n"
        "王五,13700137000,新公司,经理,\n王五,13700137000,新公司,,\n"
    )
    run = crm.ok("import", "-", "--dry-run", stdin=text)
    assert run.out.splitlines() == [
        "dry run: row 2: 李四 · update · Title: 经理 → 总监 · Source:  → 路边 · Company: 南方电网 → 国家电网",
        "dry run: row 3: 王五 · create",
        "dry run: row 4: 王五 · one with row 3, and adds to it",
        "dry run: Read 4: 1 created, 2 updated, 1 unchanged",
    ]
    assert "2 companies are new" in run.err
    assert "new source: “路边”" in run.err
    many = "\n".join([HEADER, *(f"人{number},,,," for number in range(30))])
    assert crm.ok("import", "-", "--dry-run", stdin=many).out.splitlines()[-2:] == [
        "dry run: … and 10 more",
        "dry run: Read 30: 30 created",
    ]


def test_a_dry_run_says_words_in_the_language_in_use(crm: Crm) -> None:
    crm.ok("add", "李四", "--class", "interested")
    run = crm.ok("import", "-", "--dry-run", stdin="uid,姓名,类别\n,李四,核心\n", CRM_LANG="zh")
    assert "类别：有意向 → 核心" in run.out


def test_a_dry_run_speaks_when_the_bar_is_gone(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said beside a bar would run into it."""

    @contextmanager
    def bar(*_about: object) -> Iterator[tuple[Callable[[int], None], Callable[[], None]]]:
        yield lambda _rows: None, lambda: None
        sys.stderr.write("the bar is gone\n")

    monkeypatch.setattr(importing, "_progress", bar)
    told = crm.ok("import", "-", "--dry-run", stdin=f"{HEADER},来源\n{LI},路边\n").err.splitlines()
    assert told == ["the bar is gone", "1 company is new", "new source: “路边”"]


@pytest.mark.parametrize("score", ["101", "-1", "nan", "many"])
def test_a_score_beyond_the_scale_is_told_the_scale(crm: Crm, score: str) -> None:
    crm.ok("add", "Ann")
    text = f"contact,sent_at,score\nAnn,2026-11-20,{score}\n"
    told = crm("import", "-", "--as", "surveys", "-o", "json", stdin=text).json["errors"][0]
    assert (told["field"], told["value"], told["message"]) == ("score", score, "a score is 0 to 100")


def test_a_dry_run_of_surveys_says_whose(crm: Crm) -> None:
    crm.ok("add", "Ann")
    text = "contact,sent_at,answers\nAnn,2026-11-20,q1=90\n"
    crm.ok("question", "add", "service", "q1", "--en", "How was it?")
    assert "row 2: survey Ann · create" in crm.ok("import", "-", "--as", "surveys", "--dry-run", stdin=text).out


def test_undo_takes_the_whole_import_back(crm: Crm) -> None:
    crm.ok("add", "李四", "--phone", "13900139000", "--company", "南方电网")
    before = crm.data("contact", "list"), crm.data("company", "list")
    imported(crm, f"{HEADER},标签,来源\n李四,13900139000,国家电网,总监,vip,朋友圈\n王五,13700137000,新公司,,,\n")
    crm.ok("undo")
    after = crm.data("contact", "list"), crm.data("company", "list")
    assert after == before
    assert crm.data("find", "王五") == []
    assert counts(imported(crm, f"{HEADER}\n王五,13700137000,新公司,\n")) == {"created": 1}


# files that are none


def one_line(result: Result, *codes: int) -> None:
    assert result.code in codes, result
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


def test_files_that_can_not_be_imported(crm: Crm, tmp_path: Path) -> None:
    one_line(crm("import", str(tmp_path / "missing.csv")), 2)
    one_line(crm("import", str(tmp_path)), 2)
    for content in (
        b"",
        b"\n\n",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\0\1\2\3" * 50,
        b'a,b\n"x',
        "李四,13900139000\n".encode(),
    ):
        one_line(crm("import", "-", stdin=content), 2)
    assert not crm.db.exists() or contacts(crm) == []


def test_a_file_with_a_header_alone_has_nothing_new(crm: Crm) -> None:
    assert imported(crm, f"{HEADER}\n")["read"] == 0


@pytest.mark.parametrize(
    "arguments", [["--as", "shoes"], ["--on-duplicate", "maybe"], ["--save-map", "x"], ["--sheet", "2"]]
)
def test_options_that_can_not_be(crm: Crm, arguments: list[str]) -> None:
    one_line(crm("import", "-", *arguments, stdin="name\nAnn\n"), 2)


def test_digits_that_a_spreadsheet_was_told_are_text(crm: Crm) -> None:
    crm.ok("import", "-", stdin='姓名,手机,邮箱\n张三,="138 0013 8000","=""a@b.cn"""\n')
    (contact,) = contacts(crm)
    assert (contact["phones"], contact["emails"]) == (["+8613800138000"], ["a@b.cn"])


CELLS = st.one_of(
    st.sampled_from(["name", "phone", "手机", "姓名", ",", ";", "\t", '"', "\n", "\r\n", "=", "13800138000", "a@b.cn"]),
    st.text(max_size=8),
)


@settings(max_examples=40)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(CELLS, max_size=30).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")),
        st.lists(CELLS, max_size=30).map(
            lambda parts: ("name,phone,email,class\n" + ",".join(parts)).encode("utf-8", "replace")
        ),
    )
)
def test_any_bytes_end_in_an_answer(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        crm = Crm(tmp_path_factory.mktemp("any"), patch)
        result = crm("import", "-", "-o", "json", stdin=content)
        assert result.code in (0, 1, 2, 6), result
        assert "Traceback" not in result.err
        assert "something went wrong" not in result.err, result
        if result.code in (1, 2):
            assert not crm.db.exists() or contacts(crm) == []
