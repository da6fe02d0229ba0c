"""Knowledge (知识): a question that was answered before, and how."""

from crmcli.nouns import Field, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("uid", "text", "UID", ("uuid",)),
    Field("question", "text", "Question", ("问题", "标题")),
    Field("answer", "text", "Answer", ("答案", "解答", "解决办法")),
    Field("category", "code", "Category", ("类别", "分类"), vocabulary="complaint_category"),
    Field("complaint_id", "number", "Complaint", written=False),
    Field("used", "number", "Used"),
    Field("owner", "text", "Owner", ("负责人",), match="person"),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="answer",
    plural="answers",
    view="answers",
    fields=FIELDS,
    columns=("question", "answer", "category", "used", "id"),
    sort=("-used",),
)
