"""What a message says. Templates are pack data; a step adds why it comes now."""

from datetime import date

from app.reminders.rules.steps import Step

NO_ITEM = "—"


def remaining(due_on: date, today: date) -> str:
    """还剩 3 天, 今天到期, 已逾期 6 天."""
    days = (due_on - today).days
    return "今天到期" if days == 0 else f"还剩 {days} 天" if days > 0 else f"已逾期 {-days} 天"


def zh_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def fill(template: str, *, label: str, due_on: date, today: date, verb: str) -> str:
    """A template with its places filled; the lint of the pack has checked the names."""
    return template.format(label=label, due=zh_day(due_on), remaining=remaining(due_on, today), verb=verb or "处理")


def title(step: Step, label: str, due_on: date, today: date) -> str:
    """The subject line: why now, then what."""
    head = "逾期升级" if step.escalates else "逾期" if due_on < today else "今天到期" if due_on == today else "提醒"
    return f"〔{head}〕{label}"


def summary(kind_label: str, today: date) -> tuple[str, str]:
    """Subject and text of one message for all items of a kind on a day."""
    return f"〔汇总〕{kind_label}", f"{zh_day(today)}，有“{kind_label}”事项需要您处理，名单见系统“工作台”。"


def flood(today: date) -> tuple[str, str]:
    """Subject and text instead of more messages than anybody reads."""
    return "〔汇总〕多项提醒", f"{zh_day(today)}，同时到了多项提醒，已合并为这一条，逐项见系统“提醒中心”。"


def digest(lines: list[str], today: date) -> tuple[str, str]:
    """Subject and text of the daily summary."""
    listed = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    return f"〔每日汇总〕{zh_day(today)}，{len(lines)} 项提醒", f"今天有 {len(lines)} 项提醒：\n{listed}"

def step_words(code: str) -> str:
    """A step in words: 提前 30 天, 到期当天, 逾期 7 天, 逾期升级."""
    head, number = code.rstrip("0123456789"), code.lstrip("abcdefghijklmnopqrstuvwxyz")
    words = {"lead": f"提前 {number} 天", "hour": f"提前 {number} 小时", "day": "到期当天", "over": f"逾期 {number} 天", "wake": "改期或暂缓到期"}
    return words.get(head, "逾期升级")
