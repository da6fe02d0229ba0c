"""What somebody at a terminal is asked before several records are changed."""

import pytest

from crmcli.asking import ask
from crmcli.context import Context
from tests.conftest import Crm


@pytest.fixture
def desk(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """Seven contacts, and somebody who can be asked."""
    for name in ("张三", "张三", "李四", "王五", "赵六", "钱七", "a name that goes on for longer than one likes"):
        crm.ok("add", name, "--force")
    monkeypatch.setattr(Context, "interactive", property(lambda context: not context.options.yes))
    return crm


def test_who_is_deleted_is_named_first(desk: Crm) -> None:
    refused = desk("contact", "delete", "2", "7", stdin="n\n")
    assert (refused.code, refused.out) == (5, "")
    assert refused.err.splitlines() == [
        "张三 (2), a name that goes on for… (7)",
        "delete 2 records? [y/N] error: nothing was changed",
    ]
    assert len(desk.data("list")) == 7


def test_of_many_the_first_are_named(desk: Crm) -> None:
    agreed = desk.ok("contact", "edit", "--where", "id>0", "--class", "potential", stdin="y\n")
    assert agreed.err.startswith(
        "a name that goes on for… (7), 李四 (3), 钱七 (6), 王五 (4), 张三 (1), …\nchange 7 contacts? [y/N] "
    )


def test_who_has_said_yes_is_asked_nothing(desk: Crm) -> None:
    assert desk.ok("contact", "delete", "2", "3", "-y").err == ""


def test_what_follows_a_question_that_nobody_answers_begins_its_own_line(desk: Crm) -> None:
    assert desk("contact", "delete", "2", "3", stdin="").err.endswith("[y/N] \nerror: nothing was changed\n")


class _Interrupted:
    """A standard input at which somebody presses Ctrl-C."""

    def readline(self) -> str:
        raise KeyboardInterrupt


def test_what_follows_a_question_that_is_broken_off_begins_its_own_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _Interrupted())
    with pytest.raises(KeyboardInterrupt):
        ask("really? ")
    assert capsys.readouterr().err == "really? \n"
