"""A consent: what a contact said about being contacted through a channel."""

from crmcli.nouns import Field, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("contact_id", "number", "Contact id", written=False),
    Field("contact", "text", "Contact", ("customer", "客户", "姓名", "联系人"), written=False),
    Field("channel", "code", "Channel", ("渠道",), vocabulary="consent_channel", written=False),
    Field("answer", "code", "Answer", ("答复", "同意"), vocabulary="consent", written=False),
    Field("at", "moment", "When", ("date", "日期", "时间"), written=False),
    Field("source", "text", "Source", ("来源", "依据"), written=False),
    Field("actor", "text", "Noted by", ("记录人",), match="person", written=False),
    Field("current", "flag", "In force", ("有效",), written=False),
    Field("created_at", "moment", "Created", written=False),
)

NOUN = Noun(
    name="consent",
    plural="consents",
    view="consents",
    fields=FIELDS,
    columns=("channel", "answer", "at", "source", "actor", "current"),
    sort=("-at", "-id"),
)
