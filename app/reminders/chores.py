"""What the scheduler calls: collect, fire, summarise, deliver. Each does nothing when nothing is due, and may run in several processes."""

import os
import secrets
import socket
from dataclasses import dataclass

from app.infra import ticks
from app.reminders.actions import collecting, delivering, digesting, firing, telling

OWNER = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Done:
    """What one round did."""

    collected: int
    told: int
    fired: int
    summaries: int
    delivered: int


def run_once() -> Done:
    """One round of everything, as the scheduler does it in its turns."""
    collected = collecting.collect_stale()
    return Done(collected, telling.tell_all(), firing.fire_all(), digesting.digest_all(), delivering.deliver_all(OWNER))


def _deliver() -> int:
    return delivering.deliver_all(OWNER)


def register() -> None:
    """Add the chores to the scheduler."""
    ticks.register("reminders.collect", 300, collecting.collect_stale, "收集到期事项")
    ticks.register("reminders.tell", 15, telling.tell_all, "告知发生的事")
    ticks.register("reminders.fire", 15, firing.fire_all, "发出到点的提醒")
    ticks.register("reminders.digest", 60, digesting.digest_all, "生成每日汇总")
    ticks.register("reminders.deliver", 10, _deliver, "发送邮件、短信和群消息")
