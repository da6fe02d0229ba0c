"""What is written for schedulers that no test machine has, against what their makers document of its form."""

import plistlib
import re
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from crmcli.schedule import launchd, windows
from crmcli.schedule.job import Job

JOBS = (
    Job("crm-remind", ("/opt/a b/crm", "remind", "--once"), {"CRM_DB": "/srv/50%/c'd $x.db", "TZ": "UTC"}, 5),
    Job("crm-remind-1f", ("C:\\Program Files\\crm.exe", "remind", "--exec", 'say "张三" & <x>'), {}, 720),
    Job("crm-remind", ("/usr/bin/crm", "remind", "--notify"), {"CRM_LANG": "zh"}, 1),
)

AGENT = {
    "Label": str,
    "ProgramArguments": list,
    "EnvironmentVariables": dict,
    "StartInterval": int,
    "RunAtLoad": bool,
    "ProcessType": str,
    "StandardOutPath": str,
    "StandardErrorPath": str,
}
"""The keys of launchd.plist(5) that we use, and the types that it gives them."""

TEXT = r".+"
BOOLEAN = r"true|false"
DURATION = r"PT\d+[HM]"
TASK: dict[str, tuple[str, dict[str, str]]] = {
    "Task": ("all", dict.fromkeys(("RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"), "")),
    "RegistrationInfo": ("all", {"Description": TEXT, "Author": TEXT, "URI": TEXT, "Date": TEXT}),
    "Triggers": ("all", {"TimeTrigger": ""}),
    "TimeTrigger": (
        "sequence",
        {
            "Enabled": BOOLEAN,
            "StartBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
            "EndBoundary": TEXT,
            "Repetition": "",
            "ExecutionTimeLimit": DURATION,
            "RandomDelay": DURATION,
        },
    ),
    "Repetition": ("all", {"Interval": DURATION, "Duration": DURATION, "StopAtDurationEnd": BOOLEAN}),
    "Principals": ("sequence", {"Principal": ""}),
    "Principal": (
        "all",
        {
            "UserId": TEXT,
            "LogonType": "S4U|Password|InteractiveToken|InteractiveTokenOrPassword",
            "RunLevel": "LeastPrivilege|HighestAvailable",
        },
    ),
    "Settings": (
        "all",
        {
            "DisallowStartIfOnBatteries": BOOLEAN,
            "StopIfGoingOnBatteries": BOOLEAN,
            "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
            "ExecutionTimeLimit": DURATION,
            "StartWhenAvailable": BOOLEAN,
        },
    ),
    "Actions": ("sequence", {"Exec": ""}),
    "Exec": ("sequence", {"Command": TEXT, "Arguments": TEXT, "WorkingDirectory": TEXT}),
}
"""The part of the Task Scheduler's schema ([MS-TSCH] 2.5) that we use: children, in order if `sequence`."""


@pytest.mark.parametrize("job", JOBS)
def test_an_agent_has_the_documented_keys(job: Job) -> None:
    agent = plistlib.loads(launchd.agent(job, Path("/Users/wei")), fmt=plistlib.FMT_XML)
    assert {name: type(value) for name, value in agent.items()} == AGENT
    assert re.fullmatch(r"[A-Za-z0-9.-]+", agent["Label"])
    assert all(isinstance(word, str) for word in agent["ProgramArguments"])
    assert all(isinstance(value, str) for value in agent["EnvironmentVariables"].values())
    assert agent["StartInterval"] == job.every * 60
    assert agent["ProcessType"] in {"Background", "Standard", "Adaptive", "Interactive"}
    assert all(PurePosixPath(agent[name]).is_absolute() for name in ("StandardOutPath", "StandardErrorPath"))


@pytest.mark.parametrize("job", JOBS)
def test_a_task_fits_the_schema(job: Job) -> None:
    head, _newline, body = windows.task(job).partition("\n")
    assert head == '<?xml version="1.0" encoding="UTF-16"?>'
    root = ET.fromstring(body)  # noqa: S314 - we wrote it
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    for element in root.iter():
        order, children = TASK.get(element.tag.removeprefix(space), ("all", {}))
        names = [child.tag.removeprefix(space) for child in element]
        assert len(names) == len(set(names))
        assert set(names) <= children.keys(), element.tag
        assert order == "all" or names == [name for name in children if name in names]
        for child, name in zip(element, names, strict=True):
            assert not children[name] or re.fullmatch(children[name], child.text or ""), (name, child.text)
    principals = [element.get("id") for element in root.iter(f"{space}Principal")]
    assert [element.get("Context") for element in root.iter(f"{space}Actions")] == principals
    assert root.get("version") == "1.2"
