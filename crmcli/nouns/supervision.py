"""A supervised item (督办): a callback, complaint or promise that somebody must report on until it is settled."""

from crmcli.nouns import Field, Listed, Noun
from crmcli.nouns.shared import OF_CONTACT

FIELDS = (
    *OF_CONTACT,
    Field("title", "text", "Title", written=False),
    Field("item", "text", "Item", written=False),
    Field("about", "text", "About", written=False),
    Field("responsible", "text", "Responsible", ("督办责任人", "责任人", "承办人"), match="person"),
    Field("reason", "text", "Reason", ("督办事由", "事由", "原因")),
    Field("every", "text", "Every", ("汇报周期", "周期")),
    Field("settle_by", "date", "Settle by", ("督办期限", "期限"), sql="due_on", future=True),
    Field("report_on", "date", "Next report", future=True),
    Field("due", "date", "Due", future=True, written=False),
    Field("percent", "number", "Progress %", written=False),
    Field("status", "code", "Status", vocabulary="supervision_status", written=False),
    Field("late", "flag", "Late", sql="(status = 'open' AND due < :today)", written=False),
    Field(
        "days_late",
        "number",
        "Days late",
        sql="(CASE WHEN status = 'open' AND due < :today THEN CAST(julianday(:today) - julianday(due) AS INTEGER) END)",
        written=False,
    ),
    Field("reports", "json", "Reports", vocabulary="supervision_step", written=False),
    Field("callback_id", "number", "Callback", written=False),
    Field("complaint_id", "number", "Complaint", written=False),
    Field("promise_id", "number", "Promise", written=False),
    Field("closed_at", "moment", "Closed"),
    Field("owner", "text", "Supervisor", ("督办人",), match="person"),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)
"""`due` is the next report or the day of settlement, whichever is earlier."""

NOUN = Noun(
    name="supervision",
    plural="supervisions",
    view="supervisions",
    fields=FIELDS,
    columns=("contact", "item", "about", "responsible", "due", "days_late", "percent", "id"),
    sort=("due",),
    listed=Listed("status:open", unless=("status", "closed_at")),
)
