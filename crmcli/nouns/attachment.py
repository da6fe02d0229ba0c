"""An attachment: a file that belongs to a contact."""

from crmcli.nouns import Field, Noun

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("uid", "text", "UID", ("uuid",), written=False),
    Field("contact_id", "number", "Contact id", written=False),
    Field("contact", "text", "Contact", ("customer", "客户", "姓名", "联系人"), written=False),
    Field("company", "text", "Company", ("公司", "单位"), written=False),
    Field("name", "text", "File", ("filename", "file name", "文件", "文件名"), written=False),
    Field("label", "text", "What it is", ("title", "说明", "标题"), written=False),
    Field("media_type", "text", "Type", ("mime", "mime type", "类型"), written=False),
    Field("bytes", "number", "Bytes", ("size", "大小"), written=False),
    Field("sha256", "text", "SHA-256", ("hash", "checksum"), written=False),
    Field("sent_at", "moment", "Sent", ("发送时间",), written=False),
    Field("complaint_id", "number", "Complaint", written=False),
    Field("followup_id", "number", "Follow-up", written=False),
    Field("created_at", "moment", "Added", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="attachment",
    plural="attachments",
    view="attachments",
    fields=FIELDS,
    columns=("name", "contact", "label", "bytes", "sent_at", "created_at", "id"),
    sort=("-created_at", "-id"),
)
