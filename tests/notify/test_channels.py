"""Channels send for real: to an SMTP server, an HTTP endpoint and a command of the user's."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from crmcli.errors import CrmError
from crmcli.notify.address import address_of
from crmcli.notify.channels import send_all
from crmcli.notify.message import Message

MESSAGE = Message("crm：1 项到期", "• 10:00 拜访 李四", "<ul><li>10:00 拜访 李四</li></ul>", '{"items": ["李四"]}')


_FLOOD = 1 << 12
"""Bytes, written so many times: 16 MB, which is more than a network keeps for a reader."""


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[str, Mailbox]]:
    box = Mailbox()
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"mailto://127.0.0.1:{port}/wei@example.com?from=crm@example.com&mode=insecure", box
    controller.stop()


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Any]]]:
    taken: list[Any] = []
    over, flooded = Event(), Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(json.loads(body))
            self.send_response({"/broken": 500, "/moved": 302, "/mended": 308}.get(self.path, 200))
            if self.path in ("/moved", "/mended"):
                self.send_header("Location", "/fine")
            self.end_headers()
            while self.path == "/endless" and not over.wait(0.05):
                self.wfile.write(b".")
            if self.path == "/flood":
                with suppress(ConnectionError):
                    for _ in range(_FLOOD):
                        self.wfile.write(bytes(_FLOOD))
                    flooded.set()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}", taken
    over.set()
    assert not flooded.is_set(), "an answer without end would be read whole"
    server.shutdown()
    server.server_close()


def test_what_a_command_prints_is_not_among_what_crm_prints(capfd: pytest.CaptureFixture[str]) -> None:
    assert send_all({"desk": ("exec:echo 已收到", MESSAGE)}) == {}
    assert capfd.readouterr().out == ""


def test_a_mail_arrives_in_chinese(mailbox: tuple[str, Mailbox]) -> None:
    address, box = mailbox
    assert send_all({"mail": (address, MESSAGE)}) == {}
    (mail,) = box.mails
    assert mail["Subject"] == MESSAGE.title
    assert mail["To"] == "wei@example.com"
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert "10:00 拜访 李四" in parts["text/html"]
    assert "10:00 拜访 李四" in parts["text/plain"]


def test_an_endpoint_gets_text_in_utf_8(endpoint: tuple[str, list[Any]]) -> None:
    address, taken = endpoint
    assert send_all({"hook": (f"{address}/hook", MESSAGE)}) == {}
    assert taken[0]["title"] == MESSAGE.title
    assert taken[0]["message"] == MESSAGE.text


def test_what_is_sent_elsewhere_arrives_there_or_is_not_taken(endpoint: tuple[str, list[Any]]) -> None:
    address, taken = endpoint
    failed = send_all({"moved": (f"{address}/moved", MESSAGE)})
    assert "302" in failed["moved"], "who goes there asks for the page, and has left the message behind"
    taken.clear()
    assert send_all({"mended": (f"{address}/mended", MESSAGE)}) == {}
    assert [sent["message"] for sent in taken] == [MESSAGE.text] * 2


def test_one_that_fails_holds_up_no_other(endpoint: tuple[str, list[Any]], tmp_path: Path) -> None:
    address, taken = endpoint
    script = f'exec:{sys.executable} -c \'import sys; open("{tmp_path}/got", "wb").write(sys.stdin.buffer.read())\''
    started = monotonic()
    failed = send_all(
        {
            "broken": (f"{address}/broken", MESSAGE),
            "gone": ("json://127.0.0.1:1/", MESSAGE),
            "nothing": ("nonsense", MESSAGE),
            "refuses": ("exec:false", MESSAGE),
            "missing": ("exec:/no/such/program", MESSAGE),
            "fine": (f"{address}/fine", MESSAGE),
            "script": (script, MESSAGE),
        }
    )
    assert failed.keys() == {"broken", "gone", "nothing", "refuses", "missing"}
    assert "500" in failed["broken"]
    assert failed["refuses"].endswith("1")
    assert len(taken) == 2
    assert json.loads((tmp_path / "got").read_text("utf-8")) == {"items": ["李四"]}
    assert monotonic() - started < 60


def test_a_channel_is_told_its_own_failure_while_others_fail(endpoint: tuple[str, list[Any]]) -> None:
    over = Event()

    def fail() -> None:
        while not over.is_set():
            logging.getLogger("apprise").error("Unsupported URL: secret of another")

    other = Thread(target=fail)
    other.start()
    try:
        failed = send_all({"broken": (f"{endpoint[0]}/broken", MESSAGE)})
    finally:
        over.set()
        other.join()
    assert "500" in failed["broken"]
    assert "secret" not in failed["broken"]


def test_a_service_that_never_ends_its_answer_has_failed(
    endpoint: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmcli.notify.channels.LIMIT", 0.5)
    address, taken = endpoint
    failed = send_all({"chat": (f"{address}/endless", MESSAGE), "desk": (f"{address}/ok", MESSAGE)})
    assert failed == {"chat": "it took longer than 0.5 seconds"}
    assert len(taken) == 2


def test_an_answer_that_floods_is_read_no_further_than_its_beginning(endpoint: tuple[str, list[Any]]) -> None:
    address, taken = endpoint
    assert send_all({"chat": (f"{address}/flood", MESSAGE)}) == {}
    assert len(taken) == 1


def test_a_failure_does_not_tell_the_password() -> None:
    failed = send_all({"mail": ("mailto://wei:geheim123@127.0.0.1:1?from=a@b.cd", MESSAGE)})
    assert failed["mail"]
    assert "geheim123" not in failed["mail"]


def test_an_address_is_where_the_setting_says(tmp_path: Path) -> None:
    settings, secret = tmp_path / "config.toml", tmp_path / "address"
    for path in (settings, secret):
        path.write_text("json://host\n", "utf-8")
        path.chmod(0o600)
    assert address_of("env:HOOK", settings, {"HOOK": "json://there"}) == "json://there"
    assert address_of(f"file:{secret}", settings, {}) == "json://host"
    assert address_of("json://literal", settings, {}) == "json://literal"
    assert address_of("exec:notify-send", settings, {}) == "exec:notify-send"


@pytest.mark.parametrize("reference", ["env:HOOK", "file:{0}/none", "file:{0}/empty", "file:{0}/open", "keyring:none"])
def test_an_address_that_is_not_there_or_open_to_others(reference: str, tmp_path: Path) -> None:
    for name, mode in (("empty", 0o600), ("open", 0o644), ("config.toml", 0o644)):
        (tmp_path / name).write_text("" if name == "empty" else "json://host", "utf-8")
        (tmp_path / name).chmod(mode)
    with pytest.raises(CrmError) as error:
        address_of(reference.format(tmp_path), tmp_path / "config.toml", {})
    assert error.value.hint
    with pytest.raises(CrmError, match="others can read"):
        address_of("json://user:password@host", tmp_path / "config.toml", {})
