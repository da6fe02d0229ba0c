"""A callback: what was promised to a contact for a day or a moment."""

from crmcli.nouns import Field, Listed, Noun
from crmcli.nouns.shared import OF_CONTACT

FIELDS = (
    *OF_CONTACT,
    Field("title", "text", "Title", written=False),
    Field("kind", "code", "Kind", ("type", "方式", "类型", "回访方式"), vocabulary="callback_kind"),
    Field(
        "due",
        "moment",
        "When",
        (
            "when",
            "due date",
            "date",
            "time",
            "next contact",
            "next callback",
            "日期",
            "时间",
            "回访时间",
            "回访日期",
            "下次联系时间",
            "预约时间",
            "计划时间",
        ),
        future=True,
    ),
    Field("due_on", "date", "Due on", future=True, written=False),
    Field("due_at", "moment", "Due at", future=True, written=False),
    Field("all_day", "flag", "All day", written=False),
    Field("zone", "text", "Zone"),
    Field(
        "purpose",
        "text",
        "Purpose",
        ("text", "subject", "note", "notes", "reason", "内容", "事由", "目的", "回访内容", "备注", "主题"),
    ),
    Field("notice", "text", "Notice", written=False),
    Field("repeat", "text", "Repeat", ("every", "recurrence", "rrule", "重复", "周期")),
    Field("anchor", "date", "First of the series"),
    Field("after_done", "flag", "Counted from the day it was done"),
    Field("series", "text", "Series"),
    Field("status", "code", "Status", ("状态",), vocabulary="callback_status"),
    Field(
        "overdue",
        "flag",
        "Overdue",
        sql=("(status = 'open' AND CASE WHEN due_at IS NULL THEN due_on < :today ELSE due_at < :now END)"),
        written=False,
    ),
    Field("snoozed", "flag", "Snoozed", written=False),
    Field("snoozed_from", "text", "Put off from"),
    Field("done_at", "moment", "Done", ("完成时间",)),
    Field("followup_id", "number", "Follow-up", written=False),
    Field("owner", "text", "Owner", ("salesperson", "负责人", "业务员", "跟进人"), match="person"),
    Field("supervision_id", "number", "Supervision", written=False),
    Field("supervised_by", "text", "Supervised by", written=False),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="callback",
    plural="callbacks",
    view="callbacks",
    fields=FIELDS,
    columns=("contact", "company", "kind", "purpose", "due", "repeat", "status", "id"),
    sort=("due",),
    listed=Listed("status:open", unless=("status", "done_at")),
)
