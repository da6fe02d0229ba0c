"""What adding and editing contacts and companies have in common: their options, and saying what was understood."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmcli.completion import complete_field
from crmcli.context import Context
from crmcli.i18n import _, joined
from crmcli.options import many, person, text

Row = Mapping[str, Any]

REACH = (
    many("phones", "--phone", "-p", help=_("a phone number in any format; work=… gives it a label"), metavar="PHONE"),
    many("emails", "--email", "-e", help=_("an e-mail address"), metavar="EMAIL"),
    many("handles", "--im", help=_("a handle: wechat:name, qq:12345, …"), metavar="HANDLE"),
)
WHERE = (
    text("region", "--region", help=_("where they are")),
    text("address", "--address", help=_("their postal address")),
)
KEPT = (
    person("owner", "--owner", help=_("who looks after them; you, by default")),
    many("tags", "--tag", help=_("a tag; several with commas"), metavar="TAG"),
    text("notes", "--notes", help=_("what else to know")),
    many(
        "set",
        "--set",
        help=_("a custom field; crm field list shows those that are declared"),
        metavar="FIELD=VALUE",
        autocompletion=complete_field,
    ),
)
CHANGES = (
    text("name", "--name", help=_("a new name")),
    *(
        many(f"{verb}_{field}", f"--{verb}-{option}", help=help_, metavar=option.upper())
        for field, option, add_help, remove_help in (
            ("phones", "phone", _("one more phone"), _("a phone to remove")),
            ("emails", "email", _("one more e-mail address"), _("an e-mail address to remove")),
            ("handles", "im", _("one more handle"), _("a handle to remove")),
            ("tags", "tag", _("one more tag"), _("a tag to remove")),
        )
        for verb, help_ in (("add", add_help), ("remove", remove_help))
    ),
    many("unset", "--unset", help=_("a custom field to remove"), metavar="FIELD"),
)
"""What `edit` takes besides the options of `add`."""


def say_written(context: Context, said: str, about: Sequence[str | None], given: Mapping[str, Any], row: Row) -> str:
    """Return the message for a record that was written: what was done, who it is, what was given as understood."""
    more = " · ".join(filter(None, (*about, *_understood(context, given, row))))
    return f"{said} — {more}" if more else said


def note_undeclared(context: Context, noun: str, given: Mapping[str, Any]) -> None:
    """Say which of the custom fields that were given are declared nowhere: they may be slips of the keyboard."""
    from crmcli.queries.custom_fields import custom_fields, meant
    from crmcli.rules.custom_fields import EXTERNAL_ID, is_code
    from crmcli.rules.names import clean
    from crmcli.rules.shellwords import word

    gone = set(map(clean, given.get("unset") or ()))
    parts = (text.partition("=") for text in given["set"] or ())
    names = [clean(name) for name, _equals, value in parts if value and clean(name) not in gone]
    declared = custom_fields(context.connection, noun) if names else []
    for name in dict.fromkeys(names):
        if name != EXTERNAL_ID and not meant(declared, name):
            from difflib import get_close_matches

            words = {word: field.code for field in declared for word in field.words}
            near = sorted({words[word] for word in get_close_matches(name, words)})
            said = (
                _(
                    "“{name}” is not declared: kept as free text, which queries can't name; did you mean {near}? "
                    "crm field add {noun} {code} declares it"
                )
                if near
                else _(
                    "“{name}” is not declared: kept as free text, which queries can't name; "
                    "crm field add {noun} {code} declares it"
                )
            )
            code = name if is_code(name) else f"CODE --alias {word(name)}"
            context.output.note(said.format(name=name, near=joined(near), noun=noun, code=code))


def _understood(context: Context, given: Mapping[str, Any], row: Row) -> Iterator[str]:
    """Yield each date and amount that was given: `Contract end: Fri 4 Dec 2026, in 9 days`, `Fee: 1,234.50`."""
    from crmcli.queries.custom_fields import custom_fields, meant
    from crmcli.render.values import amount
    from crmcli.rules.names import clean
    from crmcli.when.say import echo_date

    said = {_("Birthday"): echo_date(row["birthday"], context.now, yearly=True)} if given.get("birthday") else {}
    names = [clean(text.partition("=")[0]) for text in given["set"] or ()]
    declared = custom_fields(context.connection, "contact" if "birthday" in row else "company") if names else []
    for field in (meant(declared, name) for name in names):
        value = row["fields"].get(field.code) if field else None
        if field and value is not None and field.type == "date":
            said[field.labels.said()] = echo_date(value, context.now, yearly=field.yearly)
        elif field and value is not None and field.type == "money":
            said[field.labels.said()] = amount(value)
    for label, value in said.items():
        yield _("{label}: {value}").format(label=label, value=value)
