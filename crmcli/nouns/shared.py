"""What every record of a contact begins with: follow-ups, callbacks and complaints."""

from crmcli.nouns import Field

OF_CONTACT = (
    Field("id", "number", "Id", written=False),
    Field("uid", "text", "UID", ("uuid",)),
    Field("contact_id", "number", "Contact id", ("客户编号",)),
    Field("contact_uid", "text", "Contact UID"),
    Field(
        "contact",
        "text",
        "Contact",
        (
            "name",
            "customer",
            "customer name",
            "client",
            "phone",
            "mobile",
            "email",
            "姓名",
            "客户",
            "客户姓名",
            "客户名称",
            "投诉人",
            "联系人",
            "手机",
            "电话",
        ),
    ),
    Field("company", "text", "Company", ("company name", "公司", "单位")),
)
"""Its own id, and whom it is of: by id, by uid, or by whatever names them."""
