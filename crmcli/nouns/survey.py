"""A survey that was sent to a contact, and what came back."""

from crmcli.nouns import Field, Noun
from crmcli.nouns.shared import OF_CONTACT
from crmcli.rules.satisfaction import DECIMALS

FIELDS = (
    *OF_CONTACT,
    Field("complaint_id", "number", "Complaint", written=False),
    Field("form", "text", "Form", ("表单", "问卷")),
    Field("channel", "code", "Channel", ("渠道",), vocabulary="channel"),
    Field("sent_at", "moment", "Sent", ("sent", "date", "发送时间", "发放时间", "日期")),
    Field("returned_at", "moment", "Returned", ("returned", "回收时间", "返回时间", "收回")),
    Field("score", "number", "Points", ("points", "得分", "分数", "满意度"), sql=f"round(score, {DECIMALS})"),
    Field("gap", "number", "Gap", written=False),
    Field("comment", "text", "Comment", ("意见", "备注")),
    Field("answers", "json", "Answers", ("答案", "各题得分")),
    Field("owner", "text", "Owner", ("sent by", "负责人", "发放人"), match="person"),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="survey",
    plural="surveys",
    view="surveys",
    fields=FIELDS,
    columns=("contact", "company", "form", "sent_at", "returned_at", "score", "gap", "id"),
    sort=("-sent_at",),
)
