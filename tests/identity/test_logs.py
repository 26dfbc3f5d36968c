"""Audit log and login log."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, or_, select, update

from app.areas.models import Area
from app.identity import actions
from app.identity.models import LoginLog, User, UserSession
from app.infra import audit, clock, jobs
from app.infra.audit import AuditRow, Subject
from app.infra.db import db
from app.kernel.actor import SYSTEM, Actor
from tests.identity.samples import user_id
from tests.identity.test_login import sign_in


def act(login: str, label: str, kind: str = "enterprise.edited") -> None:
    name = db.session.scalars(select(User.name).where(User.login == login)).one()
    audit.record(kind, Subject("enterprise", 7, label), {"name": "旧名"}, {"name": "新名", "closed": None}, by=Actor(user_id(login), name))
    db.session.flush()


def test_every_change_is_listed_with_old_and_new(app: Flask, pages) -> None:
    act("county", "光明公司")
    page = pages("audit").get("/audit/", statements=6)
    for word in ("东昌府经办甲", "enterprise.edited", "光明公司", "name：旧名", "name：新名", "closed：空"):
        assert word in page.text


def test_another_city_is_not_in_it(app: Flask, pages) -> None:
    act("stranger_city", "烟台某公司")
    assert "烟台某公司" not in pages("audit").get("/audit/").text


def test_acts_of_the_system_are_shown_only_where_there_is_no_other_city(app: Flask, pages) -> None:
    audit.record("areas.loaded", Subject("area", 1, "系统装载"), by=SYSTEM)
    assert "系统装载" not in pages("audit").get("/audit/").text
    city = db.session.scalar(select(Area.id).where(Area.code == "371500"))
    own = select(Area.id).where(or_(Area.city_id == city, Area.id == city))
    db.session.execute(update(User).where(User.area_id.not_in(own)).values(area_id=None).execution_options(synchronize_session=False))
    assert "系统装载" in pages("audit").get("/audit/").text


@pytest.mark.parametrize(
    ("query", "found"),
    [("who=东昌府", True), ("who=莘县", False), ("kind=enterprise.", True), ("kind=user.", False), ("subject=光明", True), ("subject=7", True),
     ("subject=%25", False), ("first=2020-01-01", True), ("last=2020-01-01", False), ("first=bad", True), ("first=0001-01-01", True),
     ("last=9999-12-31", True), ("cursor=", True)],
)
def test_filters(app: Flask, pages, query: str, found: bool) -> None:
    act("county", "光明公司")
    assert ("光明公司" in pages("audit").get(f"/audit/?{query}").text) is found


def test_a_forged_cursor_is_refused_in_words(app: Flask, as_) -> None:
    for cursor in ("x", "W2ZhbHNlLFsxLDJdXQ", "W2ZhbHNlLFsiYSJdXQ", "W2ZhbHNlLFs5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XV0"):
        assert as_("audit").get(f"/audit/?cursor={cursor}").status_code == 422


def test_the_chain_is_verified_and_tampering_is_shown(app: Flask, pages) -> None:
    act("county", "光明公司")
    audit.seal(db.session())
    db.session.commit()
    actor = Actor(user_id("audit"), "审计管理员甲")
    jobs.run_inline("identity.verify_audit", {}, label="核验", by=actor)
    assert "审计链完整" in pages("audit").get("/audit/").text
    db.session.execute(update(AuditRow).where(AuditRow.subject_label == "光明公司").values(subject_label="黑暗公司"))
    db.session.commit()
    jobs.run_inline("identity.verify_audit", {}, label="核验", by=actor)
    page = pages("audit").get("/audit/")
    assert "审计记录内容被改动" in page.text


def test_the_button_asks_the_worker(app: Flask, pages) -> None:
    pages("audit").post("/audit/verify")
    assert db.session.scalars(select(jobs.Job.kind)).one() == "identity.verify_audit"


def test_the_login_log_shows_outcomes_and_is_filtered(app: Flask, pages) -> None:
    sign_in(app.test_client())
    sign_in(app.test_client(), password="wrong")
    page = pages("audit").get("/audit/logins")
    assert "登录成功" in page.text
    assert "密码不正确" in page.text
    only = pages("audit").get("/audit/logins?kind=wrong&who=county")
    assert "127.0.0.1" in only.text


def test_nobody_else_reads_the_logs(app: Flask, as_) -> None:
    for login in ("bureau", "system", "security", "county", "leader"):
        assert as_(login).get("/audit/").status_code == 403
        assert as_(login).get("/audit/logins").status_code == 403


def test_old_sessions_and_log_lines_are_forgotten_after_their_time(app: Flask) -> None:
    sign_in(app.test_client())
    now = clock.now()
    for days, left in ((89, (1, 1)), (91, (0, 1)), (399, (0, 1)), (401, (0, 0))):
        clock.freeze(now + timedelta(days=days, hours=13))
        actions.forget_old(clock.today())
        assert tuple(db.session.scalar(select(func.count()).select_from(m)) for m in (UserSession, LoginLog)) == left
