"""What the benchmarks' customers are called and what is said to them: small lists, combined by a seeded generator."""

from itertools import islice
from random import Random

CUSTOMER = "欧阳若晴"
"""The first contact of every database, whose name nobody else has."""

FREQUENT = "报价"
"""A word that occurs in one follow-up of ten."""

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹"
    "彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文辉建国志海波宇欣怡子轩梓涵雨泽浩然思远嘉琪佳宁晓晨诗瑶若彤"
    "俊凯家豪立新春梅冬雪永康世杰"
)
_FIRST = (
    "Ann Bob Carla David Emma Frank Grace Henry Irene Jack Karen Liam Maria Nora Oscar Paula Quentin Rosa Simon Tara "
    "Umar Vera Walter Xenia Yusuf Zoe"
)
_LAST = (
    "Adams Baker Carter Davies Evans Fischer Garcia Hughes Ivanov Jones Keller Lopez Murphy Novak O'Brien Patel Quinn "
    "Rossi Schmidt Taylor Ueda Vogel Walker Xu Young Zimmermann"
)
_PLACES = "华东 华南 华北 上海 北京 广州 深圳 杭州 南京 苏州 成都 重庆 武汉 西安 天津 青岛 厦门 长沙 郑州 合肥"
_TRADES = (
    "电力 电气 机械 物流 置业 科技 汽车 化工 医药 食品 纺织 钢铁 建材 能源 环保 通信 仪表 轴承 阀门 包装 印刷 家具 "
    "电子 软件 教育 旅游 农业 水务 燃气 照明"
)
_FORMS = "公司 集团 股份 实业 有限公司 控股 工厂 研究院 贸易 服务 工程 设备 材料 中心 分公司 商行"

CHOICES: dict[str, tuple[str | None, ...]] = {
    "title": (None, "经理", "采购经理", "厂长", "总监", "CTO", "Buyer", "工程师", "总经理", "部长"),
    "class": (
        *[None] * 4,
        *["not-interested"] * 6,
        *["potential"] * 4,
        *["interested"] * 3,
        *["customer"] * 2,
        "core",
        "collection",
    ),
    "source": (None, "expo", "referral", "web", "cold-call", "walk-in"),
    "region": (*_PLACES.split(), None, None),
    "owner": ("wei", "ann", "zhang"),
    "tag": ("vip", "展会", "tender", "代理", "newsletter"),
    "kind": ("call", "call", "call", "visit", "message", "email", "meeting", "note"),
    "outcome": (None, None, None, "agreed", "待定"),
    "said": (
        f"{FREQUENT}谈到8折，要样品",
        "first call, sent the brochure",
        "电话没人接，明天再打",
        "visited the plant, met the buyer",
        "样本册已寄出，下周确认",
        "wants a reference from a similar customer",
        "讨论了交货期和付款方式",
        "asked for a longer warranty",
        "对方更换了采购负责人",
        "no budget before spring",
    ),
    "purpose": ("报价跟进", "contract renewal", "送样品", "首次回访", "三月尾款", "demo on site", None),
    "planned": ("contact", "contact", "visit", "collection", "delivery"),
    "complaint": ("交付延迟三天", "invoice is wrong", "外壳有划痕", "support does not answer", "培训资料缺页"),
    "category": ("delivery", "billing", "quality", "service", "other"),
    "severity": ("low", "normal", "normal", "high", "critical"),
}
"""What the columns of the tables are chosen from; a value that stands several times is chosen as often."""


def people(count: int, seed: int) -> list[str]:
    """Return that many different names, one in eight of them English; the first is CUSTOMER."""
    random = Random(seed)  # noqa: S311 - the same names every time are what is wanted
    names = {CUSTOMER: None}
    while len(names) < count:
        if random.random() < 1 / 8:
            middle = f" {random.choice('ABCDEFGHJKLMNPRSTW')}." if random.random() < 1 / 2 else ""
            name = f"{random.choice(_FIRST.split())}{middle} {random.choice(_LAST.split())}"
        else:
            name = random.choice(_SURNAMES) + "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2, 2))))
        names[name] = None
    return list(names)


def companies(count: int) -> list[str]:
    """Return that many different names of companies, 9,600 at most."""
    names = (place + trade + form for form in _FORMS.split() for trade in _TRADES.split() for place in _PLACES.split())
    return list(islice(names, count))
