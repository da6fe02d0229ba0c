"""Options that contacts and companies share: how to reach them, who looks after them, and how lists are changed."""

from crmcli.completion import complete_field
from crmcli.i18n import _
from crmcli.options import many, text

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
    text("owner", "--owner", help=_("who looks after them; you, by default")),
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
