"""A contact: a person who is, was or may become a customer."""

from crmcli.nouns import Field, Noun

_POINT = "id IN (SELECT contact_id FROM contact_point WHERE kind = '{kind}' AND {{}})"

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("uid", "text", "UID", ("uuid",)),
    Field(
        "name",
        "text",
        "Name",
        ("full name", "contact", "contact name", "customer", "customer name", "client", "display name",
         "姓名", "客户", "客户姓名", "客户名称", "联系人", "联系人姓名", "名字", "名称"),
    ),
    Field(
        "company",
        "text",
        "Company",
        ("company name", "organization", "organisation", "account", "account name", "employer",
         "公司", "单位", "公司名称", "单位名称", "企业", "企业名称", "客户单位", "工作单位"),
    ),
    Field("company_id", "number", "Company id", written=False),
    Field("title", "text", "Title", ("job title", "position", "role", "职务", "职位", "头衔", "岗位")),
    Field(
        "phones",
        "list",
        "Phones",
        ("phone", "mobile", "tel", "telephone", "phone number", "mobile phone", "cell", "cell phone", "work phone",
         "手机", "电话", "手机号", "手机号码", "联系电话", "电话号码", "联系方式", "座机", "固定电话"),
        many=_POINT.format(kind="phone"),
    ),
    Field(
        "emails",
        "list",
        "E-mails",
        ("email", "e-mail", "mail", "email address", "e-mail address", "邮箱", "电子邮箱", "邮件", "电子邮件"),
        many=_POINT.format(kind="email"),
    ),
    Field(
        "handles",
        "list",
        "Handles",
        ("handle", "im", "wechat", "weixin", "qq", "whatsapp", "weibo", "telegram", "skype", "line",
         "微信", "微信号", "微博", "qq号"),
        many=_POINT.format(kind="handle"),
    ),
    Field("region", "text", "Region", ("area", "territory", "province", "city", "地区", "区域", "省份", "城市")),
    Field("address", "text", "Address", ("street", "mailing address", "地址", "联系地址", "通讯地址", "详细地址")),
    Field("birthday", "date", "Birthday", ("birth date", "date of birth", "dob", "生日", "出生日期")),
    Field(
        "class",
        "code",
        "Class",
        ("customer class", "category", "level", "status", "客户类别", "类别", "客户级别", "级别", "客户类型"),
        vocabulary="class",
    ),
    Field(
        "source",
        "code",
        "Source",
        ("lead source", "origin", "touchpoint", "来源", "客户来源", "渠道来源", "接触点"),
        vocabulary="source",
    ),
    Field("referred_by", "text", "Referred by", ("referrer", "referral", "介绍人", "推荐人")),
    Field("referred_by_id", "number", "Referred by (id)", written=False),
    Field("owner", "text", "Owner", ("salesperson", "account owner", "负责人", "业务员", "销售", "所有者", "跟进人")),
    Field(
        "tags",
        "list",
        "Tags",
        ("tag", "labels", "keywords", "标签", "标记"),
        many="id IN (SELECT contact_id FROM tag WHERE {})",
    ),
    Field("notes", "text", "Notes", ("note", "remark", "remarks", "comment", "comments", "备注", "说明", "附注")),
    Field("fields", "json", "Fields", written=False),
    Field("reach", "json", "Reach", written=False),
    Field("last_contact_at", "moment", "Last contact", written=False),
    Field("next_callback_at", "moment", "Next callback", sql="next_due", future=True, written=False),
    Field("open_complaints", "number", "Open complaints", written=False),
    Field("cadence_days", "number", "Every (days)", written=False),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="contact",
    plural="contacts",
    view="contacts",
    fields=FIELDS,
    columns=("name", "company", "title", "class", "phones", "last_contact_at", "next_callback_at", "id"),
    sort=("name",),
    searched="id IN (SELECT contact_id FROM search WHERE search MATCH {} AND entity = 'contact')",
)
