"""What happened in a capability, as people are told: kind of the outbox -> words, page and people. A kind that is not named here is nobody's news."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Happening:
    """``to``: (holder kind, key of the payload); ``argument``: (argument of the page, key of the payload). ``text`` may name keys of the payload."""

    title: str
    text: str
    endpoint: str
    argument: tuple[str, str]
    to: tuple[tuple[str, str], ...]


DEMAND, REQUEST, APPOINTMENT = ("demand_id", "demand_id"), ("request_id", "request_id"), ("appointment_id", "appointment_id")
FIRM = ("enterprise_id", "enterprise_id")
HAPPENINGS: dict[str, Happening] = {
    "demand.raised": Happening("〔新诉求〕待受理", "有一件新的企业诉求，请受理。", "demands.show", DEMAND, (("unit", "unit_id"), ("city", "city_id"))),
    "demand.dispatched": Happening("〔转办〕企业诉求", "有一件企业诉求转给您单位办理。", "demands.show", DEMAND, (("org", "organisation_id"),)),
    "demand.instructed": Happening(
        "〔督办〕企业诉求", "企业诉求有新的督办意见，请查看并办理。", "demands.show", DEMAND, (("user", "user_id"), ("org", "organisation_id")),
    ),
    "demand.reopened": Happening(
        "〔重办〕企业诉求", "企业对办理结果不满意，诉求已退回重办。", "demands.show", DEMAND, (("user", "user_id"), ("org", "organisation_id")),
    ),
    "demand.escalated": Happening(
        "〔逾期上报〕企业诉求", "有一件企业诉求逾期未办，请督促。", "demands.show", DEMAND, (("unit", "unit_id"), ("city", "city_id")),
    ),
    "demand.finished": Happening("〔办结〕企业诉求", "诉求已办结，请查看并评价。", "demands.show", DEMAND, (("firm", "enterprise_id"),)),
    "visits.request_raised": Happening(
        "〔服务申请〕{enterprise}", "“{enterprise}”提出服务申请，请答复。", "visits.request_page", REQUEST, (("team", "team_id"),),
    ),
    "visits.appointment_planned": Happening(
        "〔预约走访〕{planned_on}", "服务队预约 {planned_on} 上门，请确认时间。", "visits.mine_of", FIRM, (("firm", "enterprise_id"),),
    ),
    "visits.appointment_rescheduled": Happening(
        "〔走访改期〕{planned_on}", "走访改为 {planned_on}，请确认。", "visits.mine_of", FIRM, (("firm", "enterprise_id"),),
    ),
    "visits.appointment_change_asked": Happening(
        "〔企业要求改期〕{enterprise}", "“{enterprise}”要求调整走访时间，请协商后改期。", "visits.appointment", APPOINTMENT, (("team", "team_id"),),
    ),
    "team.handed_over": Happening(
        "〔交接〕{from}移交 {firms} 家企业", "{from}把 {firms} 家企业移交给您，请查看交接内容。", "teams.team", ("team_id", "team_id"), (("user", "user_id"),),
    ),
}


@dataclass(frozen=True)
class Told:
    """One happening in words."""

    to: tuple[str, ...]
    code: str
    title: str
    text: str
    endpoint: str
    arguments: dict[str, Any]


def told(kind: str, payload: Mapping[str, Any]) -> Told | None:
    """The words for an outbox row; None = nobody's news. The first ``to`` with a value is told, a person before his office."""
    happening = HAPPENINGS.get(kind)
    if happening is None:
        return None
    words = {key: str(value)[:80] for key, value in payload.items() if value is not None}
    try:
        title, text = happening.title.format(**words), happening.text.format(**words)
    except KeyError:
        return None
    to = tuple(f"{holder}:{payload[key]}" for holder, key in happening.to if payload.get(key) is not None)
    argument, key = happening.argument
    return Told(to, kind, title, text, happening.endpoint, {argument: payload.get(key)})
