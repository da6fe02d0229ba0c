"""A company: the organisation that contacts work for."""

from crmcli.nouns import Field, Noun

_POINT = "id IN (SELECT company_id FROM contact_point WHERE kind = '{kind}' AND {{}})"
_REACH = (
    "(SELECT json_group_array(json_object('kind', p.kind, 'label', p.label, 'value', p.value)) "
    "FROM contact_point p WHERE p.company_id = companies.id)"
)

FIELDS = (
    Field("id", "number", "Id", written=False),
    Field("uid", "text", "UID", ("uuid",)),
    Field(
        "name",
        "text",
        "Company",
        (
            "company",
            "company name",
            "organization",
            "account name",
            "公司",
            "公司名称",
            "单位",
            "单位名称",
            "企业名称",
            "名称",
            "客户名称",
        ),
        sort="sort_key",
    ),
    Field("industry", "text", "Industry", ("sector", "行业", "所属行业")),
    Field("website", "text", "Website", ("url", "web", "homepage", "网站", "网址", "官网")),
    Field(
        "phones",
        "list",
        "Phones",
        ("phone", "tel", "telephone", "电话", "联系电话", "座机"),
        many=_POINT.format(kind="phone"),
        match="phone",
    ),
    Field(
        "emails", "list", "E-mails", ("email", "e-mail", "mail", "邮箱", "电子邮箱"), many=_POINT.format(kind="email")
    ),
    Field("handles", "list", "Handles", ("handle", "im", "微信"), many=_POINT.format(kind="handle")),
    Field("region", "text", "Region", ("area", "territory", "province", "city", "地区", "区域", "省份", "城市")),
    Field("address", "text", "Address", ("street", "地址", "公司地址")),
    Field("owner", "text", "Owner", ("salesperson", "account owner", "负责人", "业务员"), match="person"),
    Field(
        "tags",
        "list",
        "Tags",
        ("tag", "labels", "标签"),
        many="id IN (SELECT company_id FROM tag WHERE {})",
        match="whole",
    ),
    Field("contacts", "number", "Contacts", written=False),
    Field("notes", "text", "Notes", ("note", "remark", "remarks", "备注", "说明")),
    Field("fields", "json", "Custom fields"),
    Field("reach", "json", "Reach", sql=_REACH),
    Field("created_at", "moment", "Created", written=False),
    Field("updated_at", "moment", "Updated", written=False),
)

NOUN = Noun(
    name="company",
    plural="companies",
    view="companies",
    fields=FIELDS,
    columns=("name", "industry", "region", "phones", "contacts", "owner", "id"),
    sort=("name",),
)
