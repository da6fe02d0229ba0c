"""Both languages: every message is in the Chinese catalogue, translated, with the same placeholders, compiled."""

import ast
import os
import re
import string
import subprocess
import sys

from tests import catalogue


def test_the_catalogue_has_every_message_and_no_other() -> None:
    ids = [message.id for message in catalogue.read() if message.id]
    known = {id_ if isinstance(id_, str) else tuple(id_) for id_ in ids}
    assert known == set(catalogue.messages()), "run: python -m tests.catalogue, then translate"


def test_every_message_is_translated() -> None:
    missing = [message.id for message in catalogue.read() if message.id and not all(_forms(message.string))]
    assert not missing


def test_a_translation_has_the_placeholders_of_its_message() -> None:
    for message in catalogue.read():
        allowed = set().union(*(_placeholders(form) for form in _forms(message.id)))
        for form in _forms(message.string):
            assert _placeholders(form) <= allowed, message.id
            if isinstance(message.id, str) and message.id:
                assert _placeholders(form) == allowed, message.id


def test_the_compiled_catalogue_is_up_to_date() -> None:
    assert catalogue.MO.read_bytes() == catalogue.compiled(catalogue.read()), "run: python -m tests.catalogue"


def test_chinese_punctuation_has_no_space_beside_it() -> None:
    marks = "，。：；、！？（）【】"
    spaced = re.compile(f" [{marks}]|[{marks}] ")
    assert not [message.id for message in catalogue.read() if spaced.search("".join(_forms(message.string)))]


def test_lists_in_messages_are_joined_as_the_language_joins_them() -> None:
    """Chinese has 、 where English has a comma: who fills a message's gap with a list joins it with `_(", ")`."""
    for path in catalogue.PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            if ast.unparse(call.func).startswith(("_(", "ngettext(")):
                parts = [ast.unparse(part) for keyword in call.keywords for part in ast.walk(keyword)]
                assert "', '.join" not in parts, f"{path}: {ast.unparse(call)}"


def test_the_help_is_in_chinese_and_whole() -> None:
    environ = {**os.environ, "CRM_LANG": "zh", "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "crmcli", "plan", "--help"]
    text = subprocess.run(command, env=environ, capture_output=True, check=True).stdout.decode()
    assert "用法：" in text
    assert "显示帮助后退出" in text
    assert "编号、电话、邮箱、社交账号、姓名或其开头、拼音、首字母" in re.sub(r"[\s│]", "", text), "cut at the edge"


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
