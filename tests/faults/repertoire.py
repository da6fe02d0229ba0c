"""A home with a record of every kind, and for every command of the program a line that does something there.

What reads and what writes is listed apart; `test_faults.py` holds the lists against the registry, so that a new command
is noticed.
"""

from collections.abc import Iterable

from crmcli.app import REGISTRY
from tests.faults.fuzzed import commands
from tests.faults.machine import Machine

TAGGED = 60
SHEET = "leads.csv"
CHANNEL = "channel.toml"
"""Settings with a channel: a program that keeps each message that it is told in a file of its own."""
TOLD = "told."
"""How the names of those files begin."""
BACKUP = "kept/crm-2026-11-25T090000.db"
_YESTERDAY = "2026-11-24T09:00:00+08:00"

WRITES: dict[str, tuple[str, ...]] = {
    "add": ("add", "王五", "--company", "新公司", "--phone", "13900139009", "--tag", "vip"),
    "log": ("log", "张三", "谈到价格", "--next", "tomorrow 10:00", "--promise", "回电", "--by", "fri"),
    "plan": ("plan", "张三", "every monday 9:00", "周报"),
    "done": ("done", "1", "送到了"),
    "snooze": ("snooze", "1", "tomorrow"),
    "complain": ("complain", "张三", "晚了", "--severity", "high"),
    "promise": ("promise", "张三", "寄样品", "--by", "fri"),
    "promise edit": ("promise", "edit", "p1", "--text", "寄两份"),
    "promise keep": ("promise", "keep", "p1"),
    "promise break": ("promise", "break", "p1", "没货"),
    "promise cancel": ("promise", "cancel", "p1"),
    "promise renegotiate": ("promise", "renegotiate", "p1", "next fri"),
    "promise reopen": ("promise", "reopen", "p2"),
    "promise delete": ("promise", "delete", "p1"),
    "supervise": ("supervise", "c2", "盯住", "--by", "王芳", "--every", "2d"),
    "supervision edit": ("supervision", "edit", "1", "--reason", "再盯"),
    "supervision report": ("supervision", "report", "1", "一半", "--percent", "50"),
    "supervision escalate": ("supervision", "escalate", "1", "太慢", "--to", "陈经理"),
    "supervision close": ("supervision", "close", "1"),
    "supervision delete": ("supervision", "delete", "1", "-y"),
    "attach": ("attach", "张三", "others.csv"),
    "attachment edit": ("attachment", "edit", "1", "--label", "报价"),
    "attachment delete": ("attachment", "delete", "1"),
    "attachment export": ("attachment", "export", "1", "--to", "out/"),
    "edit many": ("contact", "edit", "--where", "tag:bulk", "--add-tag", "again", "--region", "华东", "-y"),
    "delete": ("contact", "delete", "张三"),
    "delete many": ("contact", "delete", "--where", "tag:bulk", "-y"),
    "consent": ("contact", "consent", "张三", "email", "no"),
    "merge": ("contact", "merge", "1", "2", "-y"),
    "distinct": ("contact", "distinct", "1", "2"),
    "erase": ("contact", "erase", "张三", "-y"),
    "export a person": ("contact", "export-all", "张三", "--to", "person.zip"),
    "company": ("company", "add", "新公司", "--phone", "021 6000 0000"),
    "company edit": ("company", "edit", "1", "--region", "华东"),
    "company delete": ("company", "delete", "1"),
    "company merge": ("company", "merge", "1", "2", "-y"),
    "company distinct": ("company", "distinct", "1", "2"),
    "follow-up edit": ("followup", "edit", "1", "--text", "晚"),
    "follow-up delete": ("followup", "delete", "1"),
    "callback edit": ("callback", "edit", "1", "--purpose", "样品"),
    "hand over": ("callback", "hand-over", "1", "--to", "王芳"),
    "cancel": ("callback", "cancel", "2", "--series"),
    "callback reopen": ("callback", "reopen", "3"),
    "callback delete": ("callback", "delete", "1"),
    "complaint edit": ("complaint", "edit", "c1", "--category", "delivery"),
    "respond": ("complaint", "respond", "c1", "在查"),
    "comment": ("complaint", "comment", "c1", "问了仓库"),
    "resolve": ("complaint", "resolve", "c1", "换了"),
    "close": ("complaint", "close", "c3", "满意", "--satisfaction", "5"),
    "reopen": ("complaint", "reopen", "c3", "又坏了"),
    "assess": ("complaint", "assess", "c1", "--valid"),
    "assign": ("complaint", "assign", "c1", "--to", "王芳", "--department", "营业部"),
    "accept": ("complaint", "accept", "c4", "--by", "王芳"),
    "decline": ("complaint", "decline", "c4", "不归我管", "--by", "王芳"),
    "propose": ("complaint", "propose", "c1", "--option", "换", "--option", "退"),
    "approve": ("complaint", "approve", "c5", "--option", "1"),
    "reject": ("complaint", "reject", "c5", "太贵"),
    "wait": ("complaint", "wait", "c1", "等账号"),
    "resume": ("complaint", "resume", "c6", "账号已收到"),
    "escalate": ("complaint", "escalate", "c1", "--to", "陈经理"),
    "link": ("complaint", "link", "c1", "--complaint", "c2"),
    "learn": ("complaint", "learn", "c3"),
    "complaint delete": ("complaint", "delete", "c1"),
    "survey": ("survey", "send", "李四"),
    "survey return": ("survey", "return", "1", "--score", "80"),
    "survey edit": ("survey", "edit", "1", "--comment", "好"),
    "survey delete": ("survey", "delete", "1"),
    "question": ("question", "add", "standard", "speed", "--en", "Speed", "--zh", "速度"),
    "question edit": ("question", "edit", "1", "--weight", "3"),
    "question delete": ("question", "delete", "1"),
    "answer": ("answer", "add", "怎么换表", "拨打热线"),
    "answer edit": ("answer", "edit", "1", "--category", "delivery"),
    "answer delete": ("answer", "delete", "1"),
    "vocabulary": ("vocabulary", "add", "class", "gold", "--en", "gold", "--zh", "金牌"),
    "vocabulary edit": ("vocabulary", "edit", "class", "core", "--every", "20"),
    "vocabulary delete": ("vocabulary", "delete", "source", "site"),
    "service level": ("service-level", "add", "--severity", "low", "--respond", "2h"),
    "service level edit": ("service-level", "edit", "1", "--respond", "3h"),
    "service level delete": ("service-level", "delete", "1"),
    "field": ("field", "add", "contact", "等级", "--type", "choice", "--choice", "a=A|甲"),
    "field edit": ("field", "edit", "contact", "合同到期", "--en", "Contract ends", "--remind", "10"),
    "field delete": ("field", "delete", "contact", "合同到期", "--drop-values", "-y"),
    "notice": ("notice", "add", "check", "--every", "90d"),
    "notice edit": ("notice", "edit", "expiry", "--before", "20d"),
    "notice delete": ("notice", "delete", "expiry"),
    "notice plan": ("notice", "plan"),
    "import anew": ("import", "others.csv"),
    "import again": ("import", SHEET, "--map", "备注=title"),
    "import all": ("import", "all.json"),
    "import vCard": ("import", "others.vcf"),
    "import calendar": ("import", "others.ics"),
    "import XLSX": ("import", "others.xlsx", "--rejects", "bad.csv"),
    "undo": ("undo",),
    "undo an import": ("undo", "2"),
    "undo an undo": ("undo", "37"),
    "backup": ("backup", "--keep", "1"),
    "restore": ("restore", BACKUP, "-y"),
    "archive": ("archive", "--before", "2026-11-01", "-y"),
    "export": ("export", "contacts", "--to", "out.csv"),
    "export all": ("export", "all", "--to", "out/"),
    "calendar": ("calendar", "--to", "calendar/"),
    "sync": ("calendar", "--sync", "ticked/"),
    "report": ("report", "complaints", "--to", "report.xlsx"),
    "settings": ("config", "set", "page", "20"),
    "settings anew": ("config", "init", "--force"),
    "remind": ("remind", "--once"),
    "remind by a program": ("remind", "--exec", "true"),
    "remind through a channel": ("remind", "--notify", "--config", CHANNEL),
    "doctor": ("doctor", "--fix"),
    "salvage": ("doctor", "--salvage", "saved.db"),
    "init": ("init", "--preset", "utility", "-y"),
    "preset": ("preset", "use", "auto", "-y"),
}
"""What writes."""

KEY, NEXT_KEY = "ab" * 32, "it's 另一个"
RECODES: dict[str, tuple[str, ...]] = {
    "encrypt": ("encrypt",),
    "another key": ("encrypt", "--new-key", "env:CRM_NEXT_KEY"),
    "decrypt": ("decrypt", "-y"),
}
"""What gives the database a key, another one, or none, and changes no record."""

ONE_LINE: tuple[tuple[str, ...], ...] = (
    *(("attachment", "verify"), ("preset", "check", "mine.toml"), ("preset", "init", "-n")),
    *(("contact", "merge", "1", "2", "-n"), ("contact", "erase", "张三", "-n"), ("import", SHEET, "-n")),
    ("archive", "--before", "2026-11-01", "-n"),
)
"""What reads and answers with one line, which is never broken, so that what it names can be copied."""
DATA: tuple[tuple[str, ...], ...] = (("calendar",), ("survey", "form"), ("preset", "show", "utility", "--toml"))
"""What prints for programs, or to be copied."""
READS: tuple[tuple[str, ...], ...] = (
    *(("today",), ("today", "--brief"), ("show", "张三"), ("find", "客户7"), ("list",), ("list", "class:core")),
    *(("company", "list"), ("company", "show", "1"), ("contact", "dupes"), ("company", "dupes")),
    *(("followup", "list"), ("followup", "show", "1"), ("callback", "list"), ("callback", "show", "1")),
    *(("complaint", "list"), ("complaint", "show", "c1"), ("complaint", "show", "c3"), ("promise", "list")),
    *(("promise", "show", "p1"), ("supervision", "list"), ("supervision", "show", "1"), ("survey", "list")),
    *(("survey", "show", "2"), ("question", "list"), ("question", "show", "1")),
    *(("answer", "list"), ("answer", "show", "1"), ("attachment", "list"), ("attachment", "show", "1")),
    *(("vocabulary", "list"), ("vocabulary", "show", "class", "core")),
    *(("service-level", "list"), ("service-level", "show", "1"), ("field", "list"), ("notice", "list")),
    *(("field", "show", "contact", "合同到期"), ("notice", "show", "expiry"), ("contact", "consent", "张三")),
    *(("remind",), ("remind", "--status"), ("remind", "--within", "9d"), ("report",)),
    *(("report", "complaints"), ("report", "promises"), ("report", "followups"), ("report", "satisfaction")),
    *(("report", "complaints", "--by", "category"), ("history",), ("history", "张三"), ("backup", "--list")),
    *(("preset", "list"), ("preset", "show", "utility"), ("config", "list")),
    *(("config", "get", "page"), ("config", "path"), ("guide",), ("guide", "queries"), ("guide", "dates")),
    *(("guide", "exit-codes"), ("guide", "fields"), ("guide", "reminders"), ("guide", "complaints"), ("doctor",)),
    *(("guide", "encryption"),),
    *(("export", "contacts", "--columns", "id"), *ONE_LINE, *DATA),
)
"""What reads, or says what it would write."""
NEITHER = {("attachment", "open"), ("demo",)}
"""What starts other programs, or makes a home of its own."""


def furnish(home: Machine, rows: int) -> None:
    """Put something of everything into a new home; so many contacts are imported."""
    sheet = "姓名,手机,备注,标签\n" + "".join(
        f"客户{n},1381234{n:04},备注{n},{'bulk' * (n < TAGGED)}\n" for n in range(rows)
    )
    (home.folder / SHEET).write_text(sheet, "utf-8")
    (home.folder / "others.csv").write_text(sheet.replace("客户", "别人").replace("138", "137"), "utf-8")
    home.ok("add", "张三", "--phone", "13800138000", "--class", "core", "--company", "华东电力")
    home.ok("import", SHEET)
    home.ok("add", "Zhang San", "--company", "华东电力有限公司")
    home.ok("add", "李四", "--phone", "13900139000", "--email", "li@example.cn", "--tag", "vip")
    home.ok("log", "张三", "早", "--at", "2026-10-01")
    home.ok("log", "张三", "来访，谈到8折，要样品，下次带合同")
    home.ok("plan", "张三", "2026-11-25T08:00", "送样品", CRM_NOW=_YESTERDAY)
    home.ok("plan", "李四", "every monday 9:00", "周报")
    home.ok("plan", "李四", "tomorrow", "再问一次")
    home.ok("callback", "cancel", "3")
    _fill_the_desk(home)
    _fill_the_words(home)
    home.ok("attach", "张三", SHEET)
    home.ok("backup", "--to", "kept")
    home.ok("contact", "edit", "--where", "tag:bulk", "--title", "经理", "-y")
    for file in ("all.json", "others.vcf", "others.xlsx"):
        home.ok("export", "all" if file == "all.json" else "contacts", "--to", file)
    home.ok("undo")
    home.ok("export", "callbacks", "--to", "others.ics")
    home.ok("calendar", "--to", "ticked/", "--todos")
    for entry in (*(home.folder / "ticked").glob("*.ics"), home.folder / "others.ics"):
        text = entry.read_text("utf-8").replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED")
        entry.write_text(text.replace("SUMMARY:", "SUMMARY:另一个 "), "utf-8")
    program = f"sh -c 'cat > {TOLD}$$'"
    (home.folder / CHANNEL).write_text(f'[channel.desk]\nurl = "exec:{program}"\n', "utf-8")
    (home.folder / "mine.toml").write_text(home.ok("preset", "show", "utility", "--toml"), "utf-8")
    home.ok("log", "张三", "走了")
    home.ok("undo")


def _fill_the_desk(home: Machine) -> None:
    """Take complaints and leave each at another step; promise, supervise, ask."""
    for text in ("交付延迟，客户很不满意", "电表读数不对", "坏了", "停电", "账单错了", "没人接电话"):
        home.ok("complain", "张三", text)
    home.ok("complaint", "resolve", "c3", "换了")
    home.ok("complaint", "assign", "c4", "--to", "王芳", "--department", "营业部")
    home.ok("complaint", "propose", "c5", "--option", "换", "--option", "退")
    home.ok("complaint", "wait", "c6", "等账号")
    home.ok("promise", "张三", "寄样品", "--by", "fri")
    home.ok("promise", "李四", "回电", "--by", "fri")
    home.ok("promise", "keep", "p2")
    home.ok("supervise", "c1", "盯住", "--by", "王芳", "--every", "2d")
    home.ok("survey", "send", "张三")
    home.ok("survey", "send", "李四")
    home.ok("survey", "return", "2", "--score", "90", "--comment", "很好")
    home.ok("answer", "add", "电表读数不对怎么办", "请客户拍照，重新抄表")


def _fill_the_words(home: Machine) -> None:
    home.ok("service-level", "add", "--severity", "high", "--respond", "1h", "--resolve", "1d")
    home.ok("field", "add", "contact", "合同到期", "--type", "date", "--remind", "30")
    home.ok("contact", "edit", "张三", "--set", "合同到期=2026-12-20")
    home.ok("notice", "add", "expiry", "--field", "合同到期", "--before", "30d")


def uncovered(lines: Iterable[tuple[str, ...]]) -> set[str]:
    """Return the declared commands that none of these command lines runs; short and long forms are one."""
    declared = {_whole(command.words) for command in commands()}
    run = {_whole(line)[: len(words)] for line in lines for words in declared}
    return {" ".join(words) for words in declared - run - NEITHER}


def _whole(line: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command line in its long form."""
    words = (*REGISTRY[line[0]].target.split(), *line[1:])
    return ("promise", "add", *words[1:]) if words[:2] == ("promise", "张三") else words
