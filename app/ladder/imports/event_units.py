"""Planning a change of the unit that manages a town (管理单位调整), from its first day on; closed years stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.areas.actions import SINCE
from app.areas.models import Area, AreaMembership
from app.areas.queries import Resolver
from app.enterprises.imports.towns import Towns
from app.enterprises.queries.places import read_places
from app.exchange.registry import PlanContext, Planned, Reason
from app.ladder.imports.event_plan import Asked, Refusal


class UnitEvents:
    """Unit changes of one file."""

    def __init__(self, context: PlanContext, headers: Mapping[str, str]) -> None:
        self._context, self._headers, self._session = context, headers, context.session
        self._towns, self._places = Towns(context), read_places()
        self._resolvers: dict[int, Resolver] = {}
        self._known: dict[int, list[tuple[date, int]]] = {}

    def identity(self, asked: Asked) -> tuple[Any, ...]:
        return "unit", self._town(asked).town_id, asked.on

    def told(self, asked: Asked) -> tuple[Any, ...]:
        return tuple(str(asked.row.values.get(key)) for key in ("new_unit", "new_text", "new_county", "document"))

    def plan(self, asked: Asked) -> Planned:
        found = self._town(asked)
        scope = self._context.scope
        if not (scope.everything or found.city_id in scope.city_ids):
            raise Refusal(Reason(self._headers["town"], "out_of_scope", "镇街的管理单位由市局维护；请由市局经办人员导入。"))
        town = self._session.get_one(Area, found.town_id)
        unit = self._unit(asked, found.city_id)
        self._check(asked, town)
        history = self._history(town.id)
        before = next((unit_id for first, unit_id in reversed(history) if first <= asked.on), None)
        label = f"{self._places.full_name(town.id)} 管理单位调整（{asked.on:%Y-%m-%d}）"
        if (asked.on, unit) in history:
            return asked.unchanged(subject_id=town.id)
        if before == unit:
            raise Refusal(Reason(self._headers["new_unit"], "same_unit", f"{asked.on:%Y-%m-%d} 时“{town.name}”已由“{self._places.name(unit)}”管理；请核对。"))
        self._check_old(asked, before, found.city_id)
        if any(first > asked.on for first, _ in history):
            asked.notes.append("系统中这一天以后的归属记录将由本次调整取代")
        self._known[town.id] = [*((first, i) for first, i in history if first < asked.on), (asked.on, unit)]
        asked.changes["new_unit"] = (self._places.name(before) or None, self._places.name(unit))
        document = asked.row.values.get("document")
        if not document:
            asked.notes.append("没有依据文号，归属标为待核")
        content = {"type": "unit", "kind": asked.said.kind, "on": asked.on, "unit": unit, "document": document}
        return asked.created(content, subject_id=town.id, version=town.version, label=label)

    def _town(self, asked: Asked) -> Any:
        values = asked.row.values
        if "town" not in values:
            raise Refusal(Reason(self._headers["town"], "town_missing", "没有填写要调整的镇街；请补填。"))
        found = self._towns.find(values["town"], values.get("county"))
        if isinstance(found, Reason) and "county" in values:
            found = self._towns.find(values["town"], None)
        if isinstance(found, Reason):
            raise Refusal(Reason(self._headers["town"], found.code, found.message_zh))
        return found

    def _units(self, city_id: int, text: str) -> frozenset[int]:
        if city_id not in self._resolvers:
            self._resolvers[city_id] = Resolver({city_id})
        return self._resolvers[city_id].index.unit_ids(text)

    def _unit(self, asked: Asked, city_id: int) -> int:
        values = asked.row.values
        key = next((k for k in ("new_unit", "new_text", "new_county") if k in values), None)
        if key is None:
            raise Refusal(Reason(self._headers["new_unit"], "unit_missing", "没有填写调整后的管理单位；请填写县（市、区）或开发区名称。"))
        units = self._units(city_id, values[key])
        if len(units) != 1:
            raise Refusal(Reason(self._headers[key], "unit_unknown", f"没有找到管理单位“{values[key][:30]}”；请填写本市县（市、区）或开发区的全称。"))
        return next(iter(units))

    def _check(self, asked: Asked, town: Area) -> None:
        if town.kind == "direct":
            raise Refusal(Reason(self._headers["town"], "town_fixed", "区直单位随开发区，不能改变归属。"))
        first = max(SINCE, town.valid_from or SINCE)
        if asked.on < first:
            raise Refusal(Reason(self._headers["on"], "date_too_early", f"日期早于“{town.name}”的起始日 {first:%Y-%m-%d}；请核对。"))

    def _check_old(self, asked: Asked, before: int | None, city_id: int) -> None:
        text = asked.row.values.get("old_unit") or asked.row.values.get("old_text")
        if text and before not in self._units(city_id, text):
            asked.notes.append(f"表中原管理单位为“{text[:20]}”，系统记载为“{self._places.name(before) or '—'}”，请核对")

    def _history(self, town_id: int) -> list[tuple[date, int]]:
        """(first day, unit) as known now and as the rows before will have made it, oldest first."""
        if town_id not in self._known:
            query = select(AreaMembership.valid_from, AreaMembership.unit_id).where(
                AreaMembership.town_id == town_id, AreaMembership.superseded_at.is_(None)
            )
            self._known[town_id] = [(row[0], row[1]) for row in self._session.execute(query.order_by(AreaMembership.valid_from))]
        return self._known[town_id]
