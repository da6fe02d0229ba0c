"""A complaint, inquiry, suggestion or praise."""

from crmcli.nouns import Field, Listed, Noun
from crmcli.nouns.shared import OF_CONTACT

_LATE = """(
coalesce(coalesce({ends}, waiting_since, :now) > {due}, 0)
OR EXISTS (SELECT 1 FROM json_each(steps) WHERE value ->> '$.kind' = 'reopen' AND value ->> '$.at' <= :now
    AND value ->> '$.data.solved_at' > value ->> '$.data.{due}')
)"""
"""Whether it came too late, before it was reopened, too; the clocks stand while it waits for the customer."""
_LATE_ANSWER = _LATE.format(ends="responded_at, resolved_at, closed_at", due="respond_by")
_LATE_SOLUTION = _LATE.format(ends="resolved_at, closed_at", due="resolve_by")

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
    Field("valid", "flag", "Valid", ("是否属实", "有效")),
    Field("cause", "code", "Cause", ("原因", "投诉原因"), vocabulary="complaint_cause"),
    Field("deadline_at", "moment", "Deadline", future=True, written=False),
    Field("respond_by", "moment", "Respond by", future=True),
    Field("resolve_by", "moment", "Resolve by", future=True),
    Field("responded_at", "moment", "Responded"),
    Field("resolved_at", "moment", "Resolved"),
    Field("closed_at", "moment", "Closed"),
    Field("department", "text", "Department", ("部门", "责任部门")),
    Field("assignee", "text", "Assignee", ("处理人",), match="person"),
    Field("responsible", "text", "Responsible", ("责任人", "首问负责人"), match="person"),
    Field("waiting_since", "moment", "Waiting since"),
    Field("hours", "code", "Clock", vocabulary="hours"),
    Field("escalated_to", "text", "Escalated to", match="person"),
    Field("breached", "flag", "Breached", sql=f"({_LATE_ANSWER} OR {_LATE_SOLUTION})", written=False),
    Field(
        "breach",
        "code",
        "Breach",
        sql=(
            f"(CASE WHEN {_LATE_ANSWER} AND {_LATE_SOLUTION} THEN 'both' WHEN {_LATE_ANSWER} THEN 'answer' "
            f"WHEN {_LATE_SOLUTION} THEN 'solution' END)"
        ),
        vocabulary="breach",
        written=False,
    ),
    Field("satisfaction", "number", "Satisfaction", ("满意度",)),
    Field("reopened", "number", "Reopened", written=False),
    Field("return_visit_id", "number", "Return visit", written=False),
    Field("links", "json", "Links", written=False),
    Field("steps", "json", "Steps"),
    Field("followups", "json", "Follow-ups", written=False),
    Field("promises", "json", "Promises", written=False),
    Field("supervision_id", "number", "Supervision", written=False),
    Field("supervised_by", "text", "Supervised by", match="person", written=False),
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
