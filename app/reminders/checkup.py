"""``flask doctor``: is everything alive that reminders and pages rely on? Each finding says what to do."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.infra import clock
from app.infra.db import db
from app.infra.holidays import work_calendar
from app.infra.jobs import Job
from app.infra.settings import settings
from app.infra.ticks import TickRun
from app.policies.queries import packs_by_city
from app.reminders import heartbeat
from app.reminders.models import Delivery, Refresh
from app.reminders.sending import mail

GOOD, NOTE, BAD = "好", "注意", "坏"
LATE = timedelta(minutes=30)
LITTLE_DISK, NO_DISK = 5, 1
"""Free gigabytes."""


@dataclass(frozen=True)
class Finding:
    """``level``: 好, 注意 or 坏; ``text``: what was found and what to do."""

    subject: str
    level: str
    text: str


def examine(*, try_mail: bool = False) -> Iterator[Finding]:
    """Every check in order; a check that fails itself is a finding, too."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("定时进程", _scheduler), ("后台任务", _jobs), ("邮件", lambda: _mail(try_mail)), ("外发消息", _deliveries), ("事项收集", _collections),
        ("节假日", _holidays), ("政策包", _packs), ("磁盘", _disk),
    ]
    for subject, check in checks:
        try:
            yield from check()
        except Exception as problem:
            db.session.rollback()
            yield Finding(subject, BAD, f"检查没有完成（{type(problem).__name__}），请看日志。")


def _scheduler() -> Iterator[Finding]:
    last = heartbeat.last_run()
    if last is None:
        yield Finding("定时进程", BAD, "还没有运行过，请启动 python -m app.scheduler。")
        return
    silent = clock.now() - last
    if silent > heartbeat.SILENT_AFTER:
        yield Finding("定时进程", BAD, f"已 {heartbeat.silence_zh(silent)}没有运行（上次 {clock.local(last):%Y-%m-%d %H:%M}），请重启定时进程。")
    else:
        yield Finding("定时进程", GOOD, f"上次运行 {clock.local(last):%H:%M:%S}。")
    for row in db.session.scalars(select(TickRun).where(TickRun.error.is_not(None)).order_by(TickRun.name)):
        yield Finding("定时进程", NOTE, f"{row.name} 上次出错：{row.error}")


def _jobs() -> Iterator[Finding]:
    late = select(func.count()).select_from(Job).where(Job.state == "queued", Job.created_at < clock.now() - LATE)
    count = db.session.scalar(late) or 0
    yield Finding("后台任务", BAD, f"有 {count} 个任务等了 30 分钟以上，请检查 python -m app.worker。") if count else Finding("后台任务", GOOD, "没有积压。")


def _mail(try_it: bool) -> Iterator[Finding]:
    sending = settings().sending
    if not sending.mail_host or not sending.mail_from:
        yield Finding("邮件", NOTE, "没有配置邮件服务器，只发站内消息。需要时设置 YUMIAO_MAIL_HOST 和 YUMIAO_MAIL_FROM。")
        return
    if not settings().base_url:
        yield Finding("邮件", NOTE, "没有设置 YUMIAO_BASE_URL，邮件和群消息里没有链接。")
    problem = mail.reach(sending) if try_it else None
    if problem:
        yield Finding("邮件", BAD, f"{problem}，请核对 YUMIAO_MAIL_* 设置。")
    else:
        yield Finding("邮件", GOOD, "已连通。" if try_it else "已配置（--mail 可试连）。")


def _deliveries() -> Iterator[Finding]:
    found = {}
    for state in ("unknown", "failed", "waiting"):
        late = Delivery.not_before < clock.now() - LATE if state == "waiting" else Delivery.id.is_not(None)
        found[state] = db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == state, late)) or 0
    if found["waiting"]:
        yield Finding("外发消息", BAD, f"有 {found['waiting']} 条早该发出还没有发，请检查定时进程。")
    if found["unknown"] or found["failed"]:
        yield Finding("外发消息", NOTE, f"结果未知 {found['unknown']} 条、失败 {found['failed']} 条，请在“提醒中心—发送记录”中处理。")
    if not any(found.values()):
        yield Finding("外发消息", GOOD, "没有积压和失败。")


def _collections() -> Iterator[Finding]:
    rows = db.session.scalars(select(Refresh).order_by(Refresh.capability)).all()
    for row in rows:
        if row.error:
            yield Finding("事项收集", BAD, f"{row.capability} 出错：{row.error}")
        if row.unruled:
            yield Finding("事项收集", NOTE, f"没有提醒规则的事项：{row.unruled}，请在政策包 reminders.yaml 中补上。")
    if not any(row.error or row.unruled for row in rows):
        yield Finding("事项收集", GOOD, f"共 {sum(row.item_count for row in rows)} 项。")


def _holidays() -> Iterator[Finding]:
    today = clock.today()
    years = [today.year, *([today.year + 1] if today.month == 12 else [])]
    unknown = [year for year in years if not work_calendar(None).known(year)]
    if unknown:
        yield Finding("节假日", NOTE, f"{'、'.join(map(str, unknown))} 年的节假日还没有，暂按周一至周五计算。请更新 chinese-calendar 或录入节假日表。")
    else:
        yield Finding("节假日", GOOD, f"{years[-1]} 年已有。")


def _packs() -> Iterator[Finding]:
    for city in packs_by_city():
        if city.pack is None:
            yield Finding("政策包", NOTE, f"{city.name}没有政策包，或文件有误，请运行 flask packs lint。")
    yield Finding("政策包", GOOD, "已检查。")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings().data_dir).free / 2**30
    level = BAD if free < NO_DISK else NOTE if free < LITTLE_DISK else GOOD
    yield Finding("磁盘", level, f"数据目录剩余 {free:.1f} GB" + ("。" if level == GOOD else "，请尽快清理或扩容。"))
