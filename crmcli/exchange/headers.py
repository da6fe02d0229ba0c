"""Which column of a file is which field of a record.

Headings are compared case-folded, without spaces, punctuation and numbers, so that `E-mail 2 Address`, `手机1` and
`*姓名` need no words of their own. The words are declared with the fields (crmcli.nouns); what is known here is how
programs put them together: a label before or after (`Work Phone`, `Phone - Work`), a service's name for a handle, a
name in parts, somebody's before it (`Contact E-mail`, `客户电话`).
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _, joined
from crmcli.nouns import Field, Noun
from crmcli.rules.custom_fields import folded
from crmcli.rules.lists import split
from crmcli.rules.reach import UNKNOWN_SERVICE, service_of

_LABELS = {
    "mobile": "mobile mobilephone mobilenumber cell cellphone cellular car 手机 手机号 手机号码 移动电话 移动 车载",
    "work": (
        "work workphone business businessphone office company companymain"
        " 办公 办公室 单位 单位主要 公司 工作 商务 座机 固话 固定电话 直线"
    ),
    "home": "home homephone personal private 家庭 家 家里 住宅 宅电 个人 私人",
    "fax": "fax businessfax homefax workfax otherfax faxnumber 传真 传真号码",
    "other": "other alternate secondary assistant 其他 备用 其它",
    "": "primary main default 主要 常用",
}
_PARTS = {
    "family": "lastname familyname surname last 姓 姓氏",
    "given": "firstname givenname forename first 名",
    "middle": "middlename additionalname middle 中间名",
}
_OF_BIRTH = {"year": "birthyear", "month": "birthmonth", "day": "birthday"}
"""Thunderbird's columns of a birthday; the day's is called as others call the whole of it."""
_OUTLOOK = "电子邮件显示名称"
"""A column of Outlook's in Chinese, whose 类别 are its categories."""
_CUSTOMERS = {"客户", "客户名", "客户名称", "客户全称", "customer", "customername", "client", "clientname"}
_PERSONS = {"姓名", "联系人", "联系人名", "联系人姓名", "联系人名称", "contact", "contactname", "contactperson"}
"""Where both stand in a file, and no company, the customers are companies, and these work there; where nobody is named
the company stands for them."""
_OWNERS = ("contact", "customer", "client", "lead", "person", "organization", "联系人", "客户")
_JOINED = {"notes": "\n", "address": ", ", "region": " "}
"""Fields that several columns fill together; of others the first that is not empty counts."""
_SEPARATORS = r";(?!ext=)|[,|\n\r\u3001\uff0c\uff1b]|:::"
_BRACKETS = r"\(.*?\)|\[.*?\]|\u3010.*?\u3011"
_AREA_CODE = re.compile(r"((?:^|(?<=[;,|/\n、，；：:]))\s*\(?[+0](?:[ ()-]*\d){1,6}[ )]*)/(?=[ (]*\d)")
"""`030/` of 030/123456: what begins with a zero or a plus and is that short is no whole number."""
_GROUP = r"(^|:::)\s*\*\s*(?=(?:my ?contacts|starred|friends|family|coworkers)\b)"
"""Google's mark of its own groups."""
_LONGEST = 500
"""Characters of a heading that means anything."""
_IGNORE = frozenset({"", "-"})


class Value(NamedTuple):
    """One value of a list field, with what its heading said about it."""

    text: str
    hint: str = ""
    """For phones and e-mails a label (`mobile`, `work`, `home`, `fax`, `other`), for handles a service (`wechat`)."""


class Column(NamedTuple):
    """One column of the file that an import writes."""

    position: int
    """Counted from 0."""
    heading: str
    field: str
    hint: str = ""
    """See Value; for names `family`, `given` or `middle`, for birthdays `year`, `month` or `day`."""
    labelled_by: int = -1
    """Position of the column that says the hint row by row, as in Google's `Phone 1 - Label`; -1 when there is none."""


class HeaderMap(NamedTuple):
    """What a header means."""

    columns: tuple[Column, ...]
    unknown: tuple[str, ...]
    """Headings, as written, of no field, or of one that no import writes, but for its very name, which exports have."""
    lists: frozenset[str]
    """The noun's list fields."""

    @property
    def fillers(self) -> tuple[Column, ...]:
        """The columns of which only that counts which an earlier one leaves empty: their field has one value.

        One that is read as another field as well (客户名称: the company, and the name of a row without 联系人) counts.
        """
        plain = [column for column in self.columns if not column.hint and column.field not in {*self.lists, *_JOINED}]
        first = {column.field: column for column in reversed(plain)}
        others = [column for column in plain if first[column.field] != column]
        fields = Counter(column.position for column in self.columns)
        return tuple(column for column in others if fields[column.position] == 1)

    def record(self, cells: list[str]) -> dict[str, str | list[Value]]:
        """Return field → text (list fields: values) of one row, without empty ones; parts of a name are joined."""
        record: dict[str, str | list[Value]] = {}
        parts: dict[str, str] = {}
        for position, _heading, field, hint, labelled_by in self.columns:
            text = cells[position].strip()
            if not text:
                continue
            if field in self.lists:
                if labelled_by >= 0:
                    hint = _label(_key(cells[labelled_by])) or hint  # noqa: PLW2901 - the row's own label counts
                values = record.setdefault(field, [])
                assert isinstance(values, list)  # noqa: S101 - narrows the type
                values += _detailed(text) or [Value(part, hint) for part in _split(field, text)]
            elif hint:
                parts[hint] = text
            elif field not in record:
                record[field] = text
            elif field in _JOINED and text not in (known := str(record[field])):
                record[field] = known + _JOINED[field] + text
        if name := _whole_name(parts, str(record.get("name", ""))):
            record["name"] = name
        if {"month", "day"} <= parts.keys():
            record["birthday"] = _joined_birthday(parts)
        return record


class _Meaning(NamedTuple):
    """What a heading means: a field, and what it says beyond it."""

    field: Field
    hint: str = ""


def match_headers(header: list[str], noun: Noun, overrides: Mapping[str, str] = MappingProxyType({})) -> HeaderMap:
    """Return which column is which field; `overrides` (heading → field, as in `--map`) come first.

    The field `-` leaves a column out.

    Raises UsageError for a field or heading of `overrides` that does not exist.
    """
    words = _words(noun)
    forced = _forced(header, noun, words, overrides)
    columns, unknown = [], []
    for index, heading in enumerate(header):
        meaning = forced[index] if index in forced else _meaning(heading, noun, words)
        if meaning is None or (not meaning.field.written and heading != meaning.field.name):
            unknown += [index] * (index not in forced and heading != "")
        elif meaning.field.written:
            columns.append(Column(index, heading, meaning.field.name, meaning.hint, _label_column(heading, header)))
    columns = _as_their_program_means_them(columns, header, noun, forced)
    columns, salutations = _without_salutation(columns, forced)
    unknown = sorted(unknown + salutations)
    labels = {column.labelled_by for column in columns}
    lists = frozenset(field.name for field in noun.fields if field.kind == "list")
    left_out = labels | {column.position for column in columns}
    return HeaderMap(tuple(columns), tuple(header[index] for index in unknown if index not in left_out), lists)


def _without_salutation(columns: list[Column], forced: Container[int]) -> tuple[list[Column], list[int]]:
    """Return the columns, and where `Title` stands beside `Job Title`: Outlook's is Mr. or Ms."""
    jobs = [column for column in columns if column.field == "title"]
    named = [column for column in jobs if _key(column.heading) == "title"]
    salutations = [column for column in named if len(jobs) > len(named) and column.position not in forced]
    return [column for column in columns if column not in salutations], [column.position for column in salutations]


def _as_their_program_means_them(
    columns: list[Column], header: list[str], noun: Noun, forced: Container[int]
) -> list[Column]:
    """Return the columns with what a heading means only in the program whose other headings are there."""
    keys = [_key(heading) for heading in header]
    changed: dict[int, tuple[str, str]] = {}
    if noun.name == "contact" and _OUTLOOK in keys and "类别" in keys:
        changed[keys.index("类别")] = ("tags", "")
    if noun.name == "contact" and {*_OF_BIRTH.values()} <= {*keys}:
        changed |= {keys.index(key): ("birthday", part) for part, key in _OF_BIRTH.items()}
    customers: list[int] = []
    who = {"contact": "name", "company": ""}.get(noun.name, "contact")
    named = {_key(column.heading): column.position for column in reversed(columns) if column.field == who}
    if _PERSONS & named.keys() and noun.field("company") and all(column.field != "company" for column in columns):
        customers = sorted(place for key, place in named.items() if key in _CUSTOMERS and place not in forced)
        changed |= dict.fromkeys(customers, ("company", ""))
    known = {column.position: column for column in columns}
    for position, (field, hint) in changed.items():
        if position not in forced:
            known[position] = Column(position, header[position], field, hint)
    nobody = [Column(position, header[position], who) for position in customers]
    return [*(known[position] for position in sorted(known)), *nobody]


def _words(noun: Noun) -> dict[str, Field]:
    """Return the words for each field; the first field that declares a word has it."""
    words: dict[str, Field] = {}
    for field in sorted(noun.fields, key=lambda field: field.hidden):
        for word in (field.name, field.label, _(field.label), *field.headers):
            words.setdefault(_key(word), field)
    return words


def _forced(
    header: list[str], noun: Noun, words: dict[str, Field], overrides: Mapping[str, str]
) -> dict[int, _Meaning | None]:
    """Return column → meaning for what the user said; None where a column is to be left out."""
    forced: dict[int, _Meaning | None] = {}
    for heading, name in overrides.items():
        wanted = " ".join(heading.casefold().split())
        found = [index for index, known in enumerate(header) if known.casefold() == wanted]
        if not found:
            raise UsageError(
                _("the file has no column “{heading}”").format(heading=heading),
                hint=_("its columns are: {columns}").format(columns=joined(filter(None, header))),
            )
        meaning = None if name.strip() in _IGNORE else _meaning(name, noun, words)
        if name.strip() not in _IGNORE and (meaning is None or not meaning.field.written):
            raise _no_field(name, noun, words)
        if meaning and meaning.field.name in {"phones", "emails"} and not meaning.hint:
            meaning = meaning._replace(hint=_label(_key(heading)) or "")
        forced.update(dict.fromkeys(found, meaning))
    return forced


def _no_field(name: str, noun: Noun, words: dict[str, Field]) -> UsageError:
    """Return the error that names the nearest fields."""
    writable = {word: field for word, field in words.items() if field.written}
    near = list(dict.fromkeys(writable[word] for word in get_close_matches(_key(name), writable, n=3)))
    fields = near or [field for field in noun.fields if field.written and not field.hidden]
    hint = _("did you mean {names}?") if near else _("the fields are: {names}")
    return UsageError(
        _("a {noun} has no field “{name}” that an import can write").format(noun=_(noun.name), name=name),
        hint=hint.format(names=joined(map(_named, fields))),
    )


def _named(field: Field) -> str:
    """Return a field's name, after what it is called in another language than that of the names."""
    label = _(field.label)
    return field.name if label == field.label else f"{label} {field.name}"


def _key(heading: str) -> str:
    """Return a heading as it is compared: case-folded letters alone."""
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKC", heading).casefold()))


def _meaning(heading: str, noun: Noun, words: dict[str, Field]) -> _Meaning | None:
    """Return what a heading means, or None; what is in brackets counts only if it says more (`姓名(必填)`)."""
    own = next((field for field in noun.own_fields if heading_of(field, heading)), None)
    if own:
        return _Meaning(own)
    if len(heading) > _LONGEST:
        return None
    bare = re.sub(_BRACKETS, "", unicodedata.normalize("NFKC", heading))
    for text in (heading, bare):
        key = _key(text).removesuffix("value")
        for candidate in (
            key,
            *(key.removeprefix(owner) for owner in _OWNERS if key.startswith(owner) and key != owner),
        ):
            meaning = _exact(candidate, noun, words) or _labelled(candidate, words)
            if meaning:
                return meaning
    return None


def heading_of(field: Field, heading: str) -> bool:
    """Return whether a heading is one of a database's own field: they are told apart by numbers too (表1, 表2)."""
    return folded(heading) in map(folded, (field.name, field.label, *field.headers))


def _exact(key: str, noun: Noun, words: dict[str, Field]) -> _Meaning | None:
    """Return the meaning of a heading that is a field's own word, a service or a part of a name."""
    field = words.get(key)
    if field and field.name != "handles":
        return _Meaning(field, (_label(key) or "") if field.name == "phones" else "")
    handles = noun.field("handles")
    service = service_of(re.sub(r"(url|profile|account|id|号码?|账号)+$", "", key)) or service_of(key)
    if handles and (service or field):
        return _Meaning(handles, service.replace(UNKNOWN_SERVICE, ""))
    name = noun.field("name")
    part = next((part for part, known in _PARTS.items() if key in known.split()), "")
    return _Meaning(name, part) if name and part and noun.name == "contact" else None


def _labelled(key: str, words: dict[str, Field]) -> _Meaning | None:
    """Return the meaning of a phone's or an e-mail's word with a label before or after it, or None."""
    for word, field in words.items():
        if field.name in {"phones", "emails"} and word in key and word != key:
            for rest in (key.removesuffix(word), key.removeprefix(word)):
                label = _label(rest)
                if label is not None:
                    own = (_label(word) or "") * (field.name == "phones")
                    return _Meaning(field, own if own == "fax" else label or own)
    return None


def label_of(text: str) -> str | None:
    """Return the label that a word of either language means (`Cell`, `办公`): see Value; None when it means none."""
    return _label(_key(text))


def _label(key: str) -> str | None:
    """Return the label that a word means, None when it means none; the empty label is that of the main number."""
    return next((label for label, known in _LABELS.items() if key in known.split()), None)


def _label_column(heading: str, header: list[str]) -> int:
    """Return the column that holds the labels of this one, as in `Phone 1 - Value` and `Phone 1 - Label`; else -1."""
    if not heading.endswith(" - Value"):
        return -1
    start = heading.removesuffix("Value")
    return next((header.index(start + end) for end in ("Label", "Type") if start + end in header), -1)


def _detailed(text: str) -> list[Value]:
    """Return the numbers or addresses of a cell that lists them as JSON objects, as EspoCRM does; none in any other."""
    if not text.startswith('[{"'):
        return []
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return []
    known = [entry for entry in entries if isinstance(entry, dict)]
    told = [(entry.get("phoneNumber") or entry.get("emailAddress"), entry.get("type")) for entry in known]
    return [Value(value, label_of(str(type_)) or "") for value, type_ in told if isinstance(value, str)]


def _split(field: str, text: str) -> list[str]:
    """Return the values in one cell of a list field, as this program or another wrote them."""
    if field == "tags":
        text = re.sub(_GROUP, r"\1", text, flags=re.IGNORECASE)
    if "\\" in text:
        return split(text)
    if field == "phones" and "/" in text:
        text = _AREA_CODE.sub(r"\1-", text)
    return [part.strip() for part in _separators(field).split(text) if not part.isspace() and part]


@cache
def _separators(field: str) -> re.Pattern[str]:
    """Return what stands between the values of a list field; whole rows of cells pass here, so it is compiled once."""
    return re.compile(f"{_SEPARATORS}|/" if field == "phones" else _SEPARATORS)


def _joined_birthday(parts: dict[str, str]) -> str:
    """Return a day of birth that stands in several columns, with or without its year."""
    year, month, day = (parts.get(part, "") for part in _OF_BIRTH)
    return f"{year or '-'}-{month.zfill(2)}-{day.zfill(2)}"


def _whole_name(parts: dict[str, str], name: str) -> str:
    """Return the name, of which the columns with its parts may have more than the column that is called so."""
    if name and ("given" in parts or parts.get("family", "") in name):
        return name
    return _joined_name({**parts, "given": name} if name else parts)


def _joined_name(parts: dict[str, str]) -> str:
    """Return the name in the order of its language: 张 + 三 is 张三, Ann + Lee is Ann Lee."""
    family, given, middle = (parts.get(part, "") for part in ("family", "given", "middle"))
    if any(char >= "぀" for char in family + given):
        return family + middle + given
    return " ".join(filter(None, (given, middle, family)))
