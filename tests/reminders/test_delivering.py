"""What leaves the house: once after a known success, again after a known failure, 结果未知 when nobody can know; never to another host."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from flask import Flask
from sqlalchemy import select

from app.infra import clock, crypto
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.reminders.actions import choosing, delivering
from app.reminders.actions.saying import delivery
from app.reminders.models import Channel, Delivery, Preference
from app.reminders.sending import http
from config import Sending
from tests.factories import ladder as make
from tests.factories.reminders import pass_to, person
from tests.reminders.servers import Mailbox, Receiver, mail_server, web_server

SECRET = "very-secret-key"


@pytest.fixture
def configure(app: Flask) -> Iterator[object]:
    """Give the application doors for one test."""
    before = app.config["SETTINGS"]
    pass_to("2026-04-20 09:00")

    def set_(**values: object) -> None:
        app.config["SETTINGS"] = replace(before, sending=Sending(**values), base_url="https://yumiao.example.cn")  # type: ignore[arg-type]

    yield set_
    app.config["SETTINGS"] = before


@pytest.fixture
def mailbox(configure: object) -> Iterator[Mailbox]:
    with mail_server() as (box, port):
        configure(mail_host="127.0.0.1", mail_port=port, mail_from="yumiao@example.cn", mail_security="none")  # type: ignore[operator]
        yield box


@pytest.fixture
def receiver(configure: object) -> Iterator[tuple[Receiver, str]]:
    with web_server() as (found, host):
        configure(hook_hosts=(host,))  # type: ignore[operator]
        yield found, host


def mail(key: str = "mail:1:9:day") -> Delivery:
    user = person("county")
    if db.session.get(Preference, user.id) is None:
        db.session.add(Preference(user_id=user.id, mail_mode="each", mail_cipher=crypto.encrypt("county@example.cn")))
    return stored(key, "mail", user_id=user.id)


def stored(key: str, channel: str, **more: object) -> Delivery:
    now = clock.now()
    row = Delivery(**delivery(key, channel, "〔今天到期〕“甲，乙”\r\nBcc: x@y.cn", "请处理。\n谢谢。", now, now, path="/reminders/items/1", **more))  # type: ignore[arg-type]
    db.session.add(row)
    db.session.commit()
    return row


def group(host: str, kind: str, **more: object) -> Channel:
    row = Channel(
        kind=kind, name="工作群", area_id=make.area("371500").id, host=host, url_cipher=crypto.encrypt(f"http://{host}/send?key=abc"),
        secret_cipher=crypto.encrypt(SECRET), created_at=clock.now(), **more,
    )
    db.session.add(row)
    db.session.commit()
    return row


def state(row: Delivery) -> tuple[str, int]:
    db.session.expire_all()
    found = db.session.scalars(select(Delivery).where(Delivery.id == row.id)).one()
    return found.state, found.attempts


def test_a_mail_arrives_once_with_a_stable_id(mailbox: Mailbox) -> None:
    row = mail()
    assert delivering.deliver_all("a") == 1
    assert delivering.deliver_all("b") == 0
    assert state(row) == ("sent", 1)
    (envelope,) = mailbox.messages
    read = message_from_bytes(envelope.content)
    assert str(make_header(decode_header(read["Subject"]))) == "〔今天到期〕“甲，乙” Bcc: x@y.cn"
    assert read["Bcc"] is None
    assert envelope.rcpt_tos == ["county@example.cn"]
    assert read["Message-ID"] == delivering.message_id(row.key)
    assert "https://yumiao.example.cn/reminders/items/1" in read.get_payload(decode=True).decode()


def test_a_known_refusal_is_tried_again_with_the_same_id_and_a_final_one_is_not(mailbox: Mailbox) -> None:
    row = mail()
    mailbox.answers.append("451 later")
    delivering.deliver_all("a")
    assert state(row) == ("waiting", 1)
    assert delivering.deliver_all("a") == 0
    clock.freeze(clock.now() + timedelta(minutes=2))
    delivering.deliver_all("a")
    assert state(row) == ("sent", 2)
    ids = [message_from_bytes(one.content)["Message-ID"] for one in mailbox.messages]
    assert len(set(ids)) == 1
    mailbox.refuse = "550 no such person"
    final = mail("mail:1:10:day")
    delivering.deliver_all("a")
    assert state(final) == ("failed", 1)


def test_silence_after_the_text_is_unknown_and_an_officer_settles_it(mailbox: Mailbox) -> None:
    mailbox.drop = True
    row = mail()
    delivering.deliver_all("a")
    assert state(row) == ("unknown", 1)
    clock.freeze(clock.now() + timedelta(hours=5))
    assert delivering.deliver_all("a") == 0
    officer = Actor(person("bureau").id, "市局经办甲")
    choosing.settle(row=row, answer="received", by=officer)
    assert row.state == "sent"
    with pytest.raises(Conflict):
        choosing.settle(row=row, answer="again", by=officer)


def test_a_sender_that_dies_leaves_the_mail_unknown_and_the_keyed_hook_to_be_sent_again(mailbox: Mailbox) -> None:
    row = mail()
    hook = stored("hook:1:9:day", "hook", channel_id=group("h", "hook", honours_key=True).id)
    wecom = stored("wecom:1:9:day", "wecom", channel_id=group("h", "wecom").id)
    assert [delivering.claim("dead") is not None for _ in range(3)] == [True] * 3
    assert delivering.sweep() == 0
    clock.freeze(clock.now() + delivering.LEASE + timedelta(seconds=1))
    assert delivering.waiting()
    assert delivering.sweep() == 3
    assert [state(one)[0] for one in (row, hook, wecom)] == ["unknown", "waiting", "unknown"]
    assert mailbox.messages == []


def test_a_late_answer_settles_what_was_given_up(mailbox: Mailbox) -> None:
    row = mail()
    claimed = delivering.claim("slow")
    assert claimed is not None
    clock.freeze(clock.now() + delivering.LEASE * 2)
    delivering.sweep()
    delivering.note(row.id, "slow", delivering.attempt(claimed), claimed.attempts)
    assert state(row)[0] == "sent"


def test_without_a_server_it_fails_in_words(configure: object) -> None:
    configure()  # type: ignore[operator]
    row = mail()
    delivering.deliver_all("a")
    assert state(row)[0] == "failed"
    assert "YUMIAO_MAIL_HOST" in (row.error or "")


def test_a_hook_is_signed_and_keyed(receiver: tuple[Receiver, str]) -> None:
    found, host = receiver
    row = stored("hook:1:9:day", "hook", channel_id=group(host, "hook").id)
    delivering.deliver_all("a")
    assert state(row) == ("sent", 1)
    ((path, headers, body),) = found.requests
    mark = hmac.new(SECRET.encode(), f"{headers['X-Yumiao-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Yumiao-Signature"] == f"sha256={mark}"
    assert headers["Idempotency-Key"] == row.key == json.loads(body)["id"]
    assert path == "/send?key=abc"


@pytest.mark.parametrize(("kind", "honours", "status", "expected"), [
    ("hook", True, 500, "waiting"), ("hook", False, 500, "unknown"), ("hook", False, 429, "waiting"), ("hook", False, 403, "failed"),
    ("hook", False, 0, "unknown"), ("hook", True, 0, "waiting"), ("hook", False, 302, "failed"), ("wecom", False, 200, "sent"),
])
def test_every_answer_is_judged_honestly(receiver: tuple[Receiver, str], kind: str, honours: bool, status: int, expected: str) -> None:
    found, host = receiver
    found.answers.append((status, b'{"errcode":0}'))
    row = stored(f"{kind}:1:9:day", kind, channel_id=group(host, kind, honours_key=honours).id)
    delivering.deliver_all("a")
    assert state(row)[0] == expected
    assert len(found.requests) == 1


def test_robots_say_no_inside_an_answer_200(receiver: tuple[Receiver, str]) -> None:
    found, host = receiver
    found.answers.append((200, b'{"errcode":45009,"errmsg":"too often"}'))
    row = stored("dingtalk:1:9:day", "dingtalk", channel_id=group(host, "dingtalk", keyword="育苗").id)
    delivering.deliver_all("a")
    assert state(row)[0] == "waiting"
    assert "45009" in (row.error or "")
    path, _, body = found.requests[0]
    assert "timestamp=" in path
    assert "sign=" in path
    assert "育苗" in json.loads(body)["text"]["content"]


def test_only_configured_hosts_are_called(receiver: tuple[Receiver, str]) -> None:
    found, host = receiver
    row = stored("hook:1:9:day", "hook", channel_id=group("169.254.169.254", "hook").id)
    delivering.deliver_all("a")
    assert state(row)[0] == "failed"
    assert found.requests == []
    for url in (
        "http://169.254.169.254/", "file:///etc/passwd", f"http://user:pw@{host}/", f"http://{host}@evil.example/", "http://evil.example#" + host, "gopher://x",
        "http://[::1]/", f"https://{host}.evil.example/", "http://例子.cn/", " http://x", "http://x:99999/",
    ):
        with pytest.raises(Invalid):
            http.check_host(url, (host,), plain_allowed=True)


def test_secrets_are_in_no_page_and_no_log(
    receiver: tuple[Receiver, str], as_: object, caplog: pytest.LogCaptureFixture,
) -> None:
    _, host = receiver
    row = group(host, "dingtalk")
    stored("dingtalk:1:9:day", "dingtalk", channel_id=row.id)
    mail()
    delivering.deliver_all("a")
    browser = as_("bureau")  # type: ignore[operator]
    pages = "".join(browser.get(address).text for address in ("/reminders/channels", f"/reminders/channels/{row.id}", "/reminders/sendings"))
    for secret in (SECRET, "key=abc", "county@example.cn"):
        assert secret not in pages
        assert secret not in caplog.text


def test_text_messages_go_through_the_file_door(configure: object, tmp_path: object) -> None:
    path = f"{tmp_path}/sms.jsonl"
    configure(sms=f"file:{path}")  # type: ignore[operator]
    user = person("county")
    db.session.add(Preference(user_id=user.id, sms_mode="each", phone_cipher=crypto.encrypt("13800001111")))
    row = stored("sms:1:9:day", "sms", user_id=user.id)
    delivering.deliver_all("a")
    assert state(row)[0] == "sent"
    with open(path, encoding="utf-8") as lines:
        (line,) = [json.loads(one) for one in lines]
    assert (line["id"], line["to"]) == (row.key, "13800001111")
