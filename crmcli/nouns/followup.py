"""A follow-up: what happened with a contact."""

from crmcli.nouns import Field, Noun
from crmcli.nouns.shared import OF_CONTACT

FIELDS = (
    *OF_CONTACT,
    Field(
        "kind", "code", "Kind", ("type", "method", "方式", "类型", "跟进方式", "联系方式"), vocabulary="followup_kind"
    ),
    Field("direction", "code", "Direction", ("方向",), vocabulary="direction"),
    Field(
        "at",
        "moment",
        "When",
        (
            "date",
            "time",
            "datetime",
            "date time",
            "happened at",
            "日期",
            "时间",
            "跟进时间",
            "联系时间",
            "跟进日期",
            "联系日期",
        ),
    ),
    Field("minutes", "number", "Minutes", ("duration", "时长", "分钟", "通话时长")),
    Field(
        "text",
        "text",
        "Text",
        (
            "note",
            "notes",
            "content",
            "summary",
            "description",
            "details",
            "内容",
            "跟进内容",
            "联系内容",
            "记录",
            "备注",
            "情况",
        ),
    ),
    Field("outcome", "text", "Outcome", ("result", "结果", "跟进结果")),
    Field("owner", "text", "Owner", ("salesperson", "user", "负责人", "业务员", "跟进人"), match="person"),
    Field("callback_id", "number", "Callback", written=False),
    Field("complaint_id", "number", "Complaint", written=False),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="followup",
    plural="followups",
    view="followups",
    fields=FIELDS,
    columns=("contact", "kind", "at", "text", "outcome", "id"),
    sort=("-at",),
)
