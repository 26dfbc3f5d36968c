"""Records behind the pages of the reminders, for the general tests."""

from datetime import timedelta

from app.infra import clock, crypto
from app.infra.db import db
from app.reminders.actions import choosing
from app.reminders.models import CalendarLink, Channel, Delivery, DueRow, Notice
from tests.factories import ladder as make
from tests.factories.reminders import person
from tests.pages_registry import sample


def item(holder: str | None = None, **more: object) -> DueRow:
    """An open item of a firm of 东昌府区, on the desk of its county."""
    firm = make.firm(make.area("371502001"))
    today = clock.today()
    row = DueRow(**{
        "capability": "ladder", "kind": "title_expires", "subject": f"recognition:{firm.id}", "due_on": today + timedelta(days=20), "label": f"“{firm.name}”的称号到期",
        "endpoint": "enterprises.show", "arguments": {"enterprise_id": firm.id}, "verb": "安排复核", "enterprise_id": firm.id, "town_id": firm.town_id,
        "unit_id": firm.unit_id, "city_id": firm.city_id, "holder": holder or f"unit:{firm.unit_id}", "plan_on": today + timedelta(days=20),
        "opened_at": clock.now(), **more,
    })
    db.session.add(row)
    db.session.commit()
    return row


def notice(persona: str = "county") -> Notice:
    row = item()
    said = Notice(
        user_id=person(persona).id, key=f"{row.id}:day", due_id=row.id, code=row.code, step="day", title=f"〔今天到期〕{row.label}", text="请处理。",
        endpoint="reminders.item", arguments={"due_id": row.id}, due_on=row.due_on, created_at=clock.now(),
    )
    db.session.add(said)
    db.session.commit()
    return said


def channel() -> Channel:
    row = Channel(
        kind="wecom", name="工信局工作群", area_id=make.area("371500").id, host="qyapi.weixin.qq.com",
        url_cipher=crypto.encrypt("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"), mode="each", created_at=clock.now(),
    )
    db.session.add(row)
    db.session.commit()
    return row


def sending(state: str = "unknown") -> Delivery:
    said = notice()
    row = Delivery(
        key=f"mail:{said.user_id}:{said.key}", channel="mail", user_id=said.user_id, due_id=said.due_id, title=said.title, text=said.text, state=state,
        attempts=1, not_before=clock.now(), created_at=clock.now(), error="发送过程中断，不能确定对方是否收到",
    )
    db.session.add(row)
    db.session.commit()
    return row


@sample("reminders.item", viewers=("bureau", "county", "leader"), refused=("audit",))
def one() -> str:
    return f"/reminders/items/{item().id}"


@sample("reminders.act", method="POST", viewers=("county",), strangers=("stranger", "stranger_city", "leader"), refused=("audit",), data={"version": "1"})
def done() -> str:
    return f"/reminders/items/{item().id}/done"


@sample("reminders.message", viewers=("county",), strangers=("stranger", "bureau"), refused=("audit",))
def message() -> str:
    return f"/reminders/messages/{notice().id}"


@sample("reminders.read", method="POST", viewers=("county", "expert"), strangers=(), refused=("audit",), data={})
def read() -> str:
    return "/reminders/messages/read"


@sample("reminders.settings", method="POST", viewers=("county", "expert", "contact"), strangers=(), refused=("audit",), data={
    "mail": "a@example.cn", "mail_mode": "each", "sms_mode": "none", "version": "0",
})
def settings() -> str:
    return "/reminders/settings"


@sample("reminders.revoke", method="POST", viewers=("county",), strangers=("stranger", "bureau"), refused=("audit",))
def revoke() -> str:
    row = CalendarLink(user_id=person("county").id, token_hash="x" * 64, created_at=clock.now())
    db.session.add(row)
    db.session.commit()
    return f"/reminders/settings/links/{row.id}/revoke"


@sample("reminders.subscription", viewers=("county",), strangers=())
def subscription() -> str:
    token = "sample-token-of-one-person"
    db.session.add(CalendarLink(user_id=person("county").id, token_hash=choosing.token_hash(token), created_at=clock.now()))
    item()
    return f"/reminders/subscriptions/{token}.ics"


@sample("reminders.rule", viewers=("bureau",), strangers=(), refused=("county", "leader", "town"))
def rule() -> str:
    return "/reminders/rules/ladder.title_expires"


@sample("reminders.channel", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "leader"))
def one_channel() -> str:
    return f"/reminders/channels/{channel().id}"


@sample("reminders.channel", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county",), data={
    "kind": "wecom", "area": "371500", "name": "工信局群", "mode": "daily", "version": "1",
})
def channel_posted() -> str:
    row = channel()
    return f"/reminders/channels/{row.id}"


@sample("reminders.channel_test", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county",))
def channel_test() -> str:
    return f"/reminders/channels/{channel().id}/test"


@sample("reminders.settle", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county",))
def settle() -> str:
    return f"/reminders/sendings/{sending().id}/received"
