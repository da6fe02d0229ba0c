"""The Task Scheduler of Windows: a task of the user's, described in XML.

See https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema and `schtasks /create /?`. A task has no
variables of its own, so what the command needs is among its arguments.
"""

import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

from crmcli.schedule.job import Job, Remove, Run, Step, Write
from crmcli.schedule.machine import Machine

EXAMINE = "schtasks /Query /V /FO LIST /TN {name}"
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_SINCE = "2000-01-01T00:00:00"
"""A moment on the clock of the machine from which the intervals are counted: always a full hour."""
_OPTIONS = {"CRM_DB": "--db", "CRM_CONFIG": "--config", "CRM_LANG": "--lang"}
"""The options that stand for the variables of a job; what else it has in its environment, Windows has anyway."""


def task(job: Job) -> str:
    """Return the definition of the task.

    A repetition without a duration goes on for ever; a run that was missed is made up for as soon as possible, and none
    begins while one is running. On batteries it runs, too.
    """
    root = ET.Element("Task", {"version": "1.2", "xmlns": _NAMESPACE})
    ET.SubElement(ET.SubElement(root, "RegistrationInfo"), "Description").text = "crm remind"
    trigger = ET.SubElement(ET.SubElement(root, "Triggers"), "TimeTrigger")
    ET.SubElement(trigger, "StartBoundary").text = _SINCE
    ET.SubElement(ET.SubElement(trigger, "Repetition"), "Interval").text = f"PT{job.every}M"
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    ET.SubElement(principal, "LogonType").text = "InteractiveToken"
    ET.SubElement(principal, "RunLevel").text = "LeastPrivilege"
    settings = ET.SubElement(root, "Settings")
    for name, text in (
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("ExecutionTimeLimit", "PT1H"),
        ("StartWhenAvailable", "true"),
    ):
        ET.SubElement(settings, name).text = text
    execution = ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec")
    ET.SubElement(execution, "Command").text = job.words[0]
    ET.SubElement(execution, "Arguments").text = subprocess.list2cmdline(_arguments(job))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(root, encoding="unicode")}\n'


def install(job: Job, machine: Machine) -> list[Step]:
    """Return the steps that write the definition and register it, in place of an earlier one of the same name."""
    path, text = _path(job.name, machine), task(job)
    return [
        Write(path, text.encode("utf-16"), text),
        Run(("schtasks", "/Create", "/TN", job.name, "/XML", str(path), "/F")),
    ]


def uninstall(name: str, machine: Machine) -> list[Step]:
    """Return the steps that delete the task and its definition."""
    path = _path(name, machine)
    if not path.exists():
        return []
    return [Run(("schtasks", "/Delete", "/TN", name, "/F"), may_fail=True), Remove(path)]


def place(name: str, machine: Machine) -> str:
    """Return the name of the task where we registered it."""
    return f"\\{name}" if _path(name, machine).exists() else ""


def _arguments(job: Job) -> list[str]:
    options = [(option, job.environment[name]) for name, option in _OPTIONS.items() if name in job.environment]
    return [*job.words[1:], *(word for option in options for word in option)]


def _path(name: str, machine: Machine) -> Path:
    """Return where the definition lies: in the user's data folder."""
    local = machine.environ.get("LOCALAPPDATA")
    return (Path(local) if local else machine.home / "AppData" / "Local") / "crmcli" / f"{name}.xml"
