"""A promise (承诺): what was promised to a contact by when, and whether it was kept."""

from crmcli.nouns import Field, Listed, Noun
from crmcli.nouns.shared import OF_CONTACT

LATE = "CASE WHEN due_at IS NULL THEN due_on < :today ELSE due_at < :now END"
"""Whether its moment has passed, or its day, where the user is."""

FIELDS = (
    *OF_CONTACT,
    Field("title", "text", "Title", written=False),
    Field("text", "text", "Text", ("promise", "content", "subject", "承诺", "承诺内容", "内容", "事项")),
    Field("made_at", "moment", "Made", ("promised at", "date", "承诺日期", "承诺时间")),
    Field(
        "due",
        "moment",
        "When",
        ("when", "due date", "deadline", "by", "期限", "到期", "到期日", "兑现日期", "兑现期限", "截止日期"),
        future=True,
    ),
    Field("due_on", "date", "Due on", future=True, written=False),
    Field("due_at", "moment", "Due at", future=True, written=False),
    Field("all_day", "flag", "All day", written=False),
    Field("zone", "text", "Zone"),
    Field("status", "code", "Status", ("状态", "兑现情况"), vocabulary="promise_status"),
    Field(
        "overdue",
        "flag",
        "Overdue",
        sql=f"(status = 'open' AND {LATE})",
        written=False,
    ),
    Field(
        "fulfilled",
        "flag",
        "Fulfilled",
        sql=(
            "(CASE status WHEN 'kept' THEN settled_at <= due_by WHEN 'broken' THEN 0"
            f" WHEN 'open' THEN CASE WHEN {LATE} THEN 0 END END)"
        ),
        written=False,
    ),
    Field("settled_at", "moment", "Settled", ("kept at", "兑现时间", "完成时间")),
    Field("outcome", "text", "Outcome", ("result", "结果", "兑现结果")),
    Field("owner", "text", "Owner", ("promised by", "salesperson", "承诺人", "负责人", "业务员"), match="person"),
    Field("followup_id", "number", "Follow-up", written=False),
    Field("complaint_id", "number", "Complaint", written=False),
    Field("replaces_id", "number", "In place of", written=False),
    Field("replaced_by_id", "number", "Replaced by", written=False),
    Field("supervision_id", "number", "Supervision", written=False),
    Field("supervised_by", "text", "Supervised by", written=False),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)
"""`fulfilled` is what a rate is made of: kept in time, or not (kept late, broken, overdue); none while that is open,
and for what was renegotiated or cancelled."""

NOUN = Noun(
    name="promise",
    plural="promises",
    view="promises",
    fields=FIELDS,
    columns=("contact", "company", "text", "due", "owner", "status", "id"),
    sort=("due",),
    listed=Listed("status:open", unless=("status", "settled_at", "fulfilled")),
)
