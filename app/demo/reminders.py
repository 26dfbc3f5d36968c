"""Demo reminders: the real deadlines of the demo data collected and told, and what people and channels did with them, every state once."""

from datetime import timedelta

from sqlalchemy import func, select

from app.areas.models import Area
from app.identity.models import User
from app.infra import clock, crypto
from app.infra.db import db
from app.kernel.actor import Actor
from app.reminders.actions import collecting, firing, handling
from app.reminders.actions.saying import delivery
from app.reminders.models import Channel, Delivery, DueRow, Notice, Preference

ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-0000-0000-000000000000"


def load(city_code: str) -> None:
    """Add them once; commits."""
    if db.session.scalar(select(func.count()).select_from(Preference)):
        return
    collecting.collect_stale()
    firing.fire_all()
    people = {user.login: user for user in db.session.scalars(select(User).where(User.login.in_(("bureau", "county", "teamlead", "liaison"))))}
    bureau, county = people.get("bureau"), people.get("county")
    city = db.session.scalars(select(Area).where(Area.code == city_code)).first()
    if bureau is None or county is None or city is None:
        return
    _handled(bureau, county)
    for login, user in people.items():
        db.session.add(Preference(
            user_id=user.id, mail_cipher=crypto.encrypt(f"{login}@demo.example.cn"), mail_mode="none" if login == "liaison" else "daily",
        ))
    _sent(bureau, city)
    db.session.commit()


def _handled(bureau: User, county: User) -> None:
    """Steps of people on items of the county's desk."""
    rows = db.session.scalars(
        select(DueRow).where(DueRow.holder == f"unit:{county.area_id}", DueRow.state == "open").order_by(DueRow.due_on, DueRow.id).limit(6)
    ).all()
    county_officer, bureau_officer = Actor(county.id, county.name), Actor(bureau.id, bureau.name)
    today = clock.today()
    steps = (
        lambda row: handling.urge(row=row, note="本周内请与企业联系，落实复核材料。", version=row.version, by=bureau_officer),
        lambda row: handling.supervise(row=row, note="市局督办：三个工作日内报进展。", version=row.version, by=bureau_officer),
        lambda row: handling.snooze(row=row, day=today + timedelta(days=10), note="企业财务出差，下旬再办。", version=row.version, by=county_officer),
        lambda row: handling.plan(row=row, day=today + timedelta(days=3), note="与走访一并办理。", version=row.version, by=county_officer),
        lambda row: handling.finish(row=row, note="企业已在省平台提交。", version=row.version, by=county_officer),
        lambda row: handling.hand_over(row=row, holder=f"user:{bureau.id}", note="涉及市级推荐，请市局协调。", version=row.version, by=county_officer),
    )
    for row, step in zip(rows, steps, strict=False):
        step(row)


def _sent(bureau: User, city: Area) -> None:
    """A group channel that is switched off, and messages in every state."""
    now = clock.now()
    channel = Channel(
        kind="wecom", name="工信局工作群", area_id=city.id, host="qyapi.weixin.qq.com", url_cipher=crypto.encrypt(ROBOT), mode="daily", enabled=False,
        created_at=now,
    )
    db.session.add(channel)
    db.session.flush()
    said = db.session.scalars(select(Notice).where(Notice.user_id == bureau.id).order_by(Notice.id).limit(6)).all()
    states = (
        ("sent", ""), ("failed", "邮件服务器拒收（550）"), ("unknown", "邮件正文已发出，没有收到服务器的答复（TimeoutError）"), ("cancelled", ""), ("sent", ""),
    )
    for number, (notice, (state, reason)) in enumerate(zip(said, states, strict=False)):
        row = Delivery(**delivery(f"mail:{bureau.id}:{notice.key}", "mail", notice.title, notice.text, now, now, user_id=bureau.id, due_id=notice.due_id))
        row.state, row.error, row.attempts = state, reason or None, 0 if state == "cancelled" else 1
        row.sent_at = now - timedelta(hours=number) if state == "sent" else None
        db.session.add(row)
