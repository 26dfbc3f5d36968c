"""Planning what happened to a firm itself: 迁移, 更名, 注销, 升规, 退库, 个转企 …"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.enterprises.imports.towns import Towns
from app.enterprises.models import STATUSES
from app.enterprises.queries.places import read_places
from app.enterprises.rules.history import moved, town_on
from app.exchange.registry import PlanContext, Planned, Reason
from app.kernel.text import clean_name
from app.ladder.imports.event_plan import Asked, Refusal
from app.ladder.imports.event_state import Held
from app.ladder.rules import State
from app.ladder.rules.events import STATUS_OF
from app.policies.queries import PackByCity

SCALE = "scale_up"
"""The title that 升规 brings and 退库 ends (入统以统计部门认定为准; 退库时在认定记录上写明撤销日: note of the title)."""


class FirmEvents:
    """Events of firms in one file."""

    def __init__(self, context: PlanContext, headers: Mapping[str, str]) -> None:
        self._context, self._headers, self._towns = context, headers, Towns(context)
        self._places, self._packs = read_places(), PackByCity()

    def identity(self, asked: Asked) -> tuple[Any, ...]:
        assert asked.firm is not None
        return "firm", asked.firm.id, asked.said.kind, asked.on

    def told(self, asked: Asked) -> tuple[Any, ...]:
        keys = ("new_town", "new_county", "new_name", "new_text", "town", "document", "reason")
        return tuple(str(asked.row.values.get(key)) for key in keys)

    def plan(self, asked: Asked) -> Planned:
        firm, kind, values = asked.firm, asked.said.kind, asked.row.values
        assert firm is not None
        content: dict[str, Any] = {"type": "firm", "kind": kind, "on": asked.on, "document": values.get("document"), "note": values.get("reason")}
        known = firm.events.get((kind, asked.on))
        effect = {"moved": self._move, "renamed": self._rename}.get(kind, self._others)(asked, content)
        before = (known[0], known[1]) if known else None
        content["note"] = self._note(content, known)
        content["document"] = values.get("document") or (known[0] if known else None)
        now = (content["document"], content["note"])
        firm.events[kind, asked.on] = now
        if known is not None and before == now and not effect:
            return asked.unchanged()
        if known is not None:
            asked.changes |= {key: pair for key, pair in (("document", (known[0], now[0])), ("reason", (known[1], now[1]))) if pair[0] != pair[1]}
            return asked.updated(content, subject_id=firm.id, version=firm.version)
        return asked.created(content, subject_id=firm.id, version=firm.version)

    def _note(self, content: dict[str, Any], known: tuple[str | None, str | None] | None) -> str | None:
        """What the event says in words: its effect, then the reason given. What is known already and said again stays as it is."""
        words, reason = content.pop("words", None), content["note"]
        if known is not None and known[1] and words is None:
            if reason is None or reason in known[1]:
                return known[1]
            words = known[1].split("；")[0] if "→" in known[1] else None
        return "；".join(part for part in (words, reason) if part)[:300] or None

    # --- 迁移

    def _move(self, asked: Asked, content: dict[str, Any]) -> bool:
        firm, values = asked.firm, asked.row.values
        assert firm is not None
        text, key = next(((values[k], k) for k in ("new_town", "new_text", "town") if k in values), (None, "new_town"))
        if text is None:
            county = values.get("new_county")
            only = f"（只写了“{county[:20]}”）" if county else ""
            raise Refusal(Reason(self._headers["new_town"], "town_missing", f"没有填写迁入的镇街{only}；请补填。"))
        found = self._towns.find(text, values.get("new_county") or (values.get("county") if key == "town" else None))
        if isinstance(found, Reason):
            raise Refusal(Reason(self._headers[key], found.code, found.message_zh))
        if not self._towns.permits(found):
            raise Refusal(Reason(self._headers[key], "out_of_scope", "迁入的镇街不在您的管辖范围内；跨县区的迁移请由市局经办人员导入。"))
        if found.note_zh:
            asked.notes.append(found.note_zh)
        was = town_on(firm.spans, asked.on)
        spans = moved(firm.spans, asked.on, found.town_id)
        if spans is None or was is None:
            first = min((s.valid_from for s in firm.spans), default=asked.on)
            raise Refusal(Reason(self._headers["on"], "date_too_early", f"迁移日期早于系统记载的所在镇街起始日 {first:%Y-%m-%d}；请核对。"))
        self._check_old(asked, was.town_id)
        names = (self._places.full_name(was.town_id), self._places.full_name(found.town_id))
        changed = spans != firm.spans
        if not changed and ("moved", asked.on) not in firm.events and was.valid_from != asked.on:
            raise Refusal(Reason(self._headers[key], "same_town", f"{asked.on:%Y-%m-%d} 时“{firm.name}”已在“{names[1]}”，不需要迁移；请核对日期和镇街。"))
        content["town"] = found.town_id
        if changed:
            asked.changes["new_town"] = names
            content["words"] = f"{names[0]} → {names[1]}"
            firm.spans = spans
        return changed

    def _check_old(self, asked: Asked, known: int) -> None:
        text = asked.row.values.get("old_town")
        if text is None and "new_text" in asked.row.values:
            text = asked.row.values.get("old_text")
        if text is None:
            return
        found = self._towns.find(text, asked.row.values.get("old_county"))
        if isinstance(found, Reason) or found.town_id != known:
            asked.notes.append(f"表中原镇街为“{text[:20]}”，系统记载迁移前在“{self._places.full_name(known)}”，请核对")

    # --- 更名

    def _rename(self, asked: Asked, content: dict[str, Any]) -> bool:
        firm, values = asked.firm, asked.row.values
        assert firm is not None
        new = values.get("new_name") or (clean_name(values["new_text"]) if "new_text" in values else None)
        old = values.get("old_name") or (clean_name(values["old_text"]) if "old_text" in values else None)
        if new is None and old is not None and values.get("name") != old:
            new = values.get("name")
        if not new or len(new) < 2:
            raise Refusal(Reason(self._headers["new_name"], "name_missing", "没有填写更名后的名称；请补填企业全称。"))
        later = max((on for kind, on in firm.events if kind == "renamed"), default=None)
        if new == firm.name:
            if old and old not in firm.former and old != new:
                content["former"] = old
                firm.former.add(old)
                return True
            return False
        if new in firm.former:
            return False
        if later is not None and later > asked.on:
            content["former"] = new
            firm.former.add(new)
            asked.notes.append(f"{later:%Y-%m-%d} 之后又更过名，现用名称不变，“{new}”记为曾用名")
            return True
        if old and old != firm.name and old not in firm.former:
            asked.notes.append(f"表中原名称为“{old[:40]}”，系统中为“{firm.name}”，请核对")
        asked.changes["new_name"] = (firm.name, new)
        content |= {"name": new, "former": firm.name, "words": f"{firm.name} → {new}"}
        firm.former.add(firm.name)
        firm.name = new
        return True

    # --- status, scale and the rest

    def _others(self, asked: Asked, content: dict[str, Any]) -> bool:
        firm, kind = asked.firm, asked.said.kind
        assert firm is not None
        changed = self._scale(asked, content) if kind in ("above_scale", "below_scale") else False
        status = STATUS_OF.get(kind)
        later = any(k in STATUS_OF and on > asked.on for k, on in firm.events)
        if status and status != firm.status and not later:
            asked.changes["status"] = (STATUSES[firm.status], STATUSES[status])
            content["status"] = status
            firm.status = status
            changed = True
        return changed

    def _scale(self, asked: Asked, content: dict[str, Any]) -> bool:
        firm, on = asked.firm, asked.on
        assert firm is not None
        if self._packs.of(firm.city_id).find_title(SCALE) is None:
            return False
        held = [g for g in firm.of_title(SCALE) if g.state(on) is State.VALID]
        if asked.said.kind == "above_scale":
            standing = held or [g for g in firm.of_title(SCALE) if g.revoked_on is None and g.state(on) is State.NOT_YET]
            key = (SCALE, "", on.year)
            if standing or ((same := firm.grants.get(key)) is not None and not same.voided):
                return False
            new = Held(None, *key, document=asked.row.values.get("document"), announced_on=on, valid_from=on, open_ended=True)
            content["grants"] = [firm.put(new).plain(None)]
            asked.notes.append("同时登记规上（小升规）称号，自当日起计入存量")
            return True
        if not held:
            asked.notes.append("系统中当日没有这家企业的规上（小升规）称号，只登记退库")
            return False
        reason = asked.row.values.get("reason") or asked.row.values.get("document") or "退库"
        content["grants"] = [firm.put(g, revoked_on=on, revoked_reason=reason).plain(g.id) for g in held]
        asked.notes.append("规上（小升规）称号自当日起退出存量")
        return True

