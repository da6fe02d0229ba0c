"""A complaint, inquiry, suggestion or praise."""

from crmcli.nouns import Field, Listed, Noun
from crmcli.nouns.shared import OF_CONTACT

FIELDS = (
    *OF_CONTACT,
    Field("type", "code", "Type", ("kind", "类型", "投诉类型"), vocabulary="complaint_type"),
    Field("category", "code", "Category", ("类别", "分类", "投诉类别"), vocabulary="complaint_category"),
    Field("severity", "code", "Severity", ("priority", "严重程度", "级别", "优先级"), vocabulary="severity"),
    Field("channel", "code", "Channel", ("渠道", "来源", "投诉渠道"), vocabulary="channel"),
    Field(
        "text",
        "text",
        "Text",
        ("complaint", "content", "description", "subject", "details", "内容", "投诉内容", "描述", "问题"),
    ),
    Field("status", "code", "Status", ("状态", "处理状态"), vocabulary="complaint_status"),
    Field("received_at", "moment", "Received", ("date", "time", "received", "日期", "时间", "投诉时间", "受理时间")),
    Field("deadline_at", "moment", "Deadline", future=True, written=False),
    Field("respond_by", "moment", "Respond by", future=True),
    Field("resolve_by", "moment", "Resolve by", future=True),
    Field("responded_at", "moment", "Responded"),
    Field("resolved_at", "moment", "Resolved"),
    Field("closed_at", "moment", "Closed"),
    Field("department", "text", "Department", ("部门", "责任部门")),
    Field("assignee", "text", "Assignee", ("responsible", "处理人", "责任人")),
    Field(
        "breached",
        "flag",
        "Breached",
        sql=(
            "(coalesce(coalesce(responded_at, resolved_at, closed_at, :now) > respond_by, 0)"
            " OR coalesce(coalesce(resolved_at, closed_at, :now) > resolve_by, 0))"
        ),
        written=False,
    ),
    Field("satisfaction", "number", "Satisfaction", ("满意度",)),
    Field("steps", "json", "Steps"),
    Field("followups", "json", "Follow-ups", written=False),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="complaint",
    plural="complaints",
    view="complaints",
    fields=FIELDS,
    columns=("contact", "company", "text", "severity", "status", "deadline_at", "id"),
    sort=("-received_at",),
    listed=Listed("-status:resolved,closed", unless=("status", "resolved_at", "closed_at", "satisfaction")),
)
