"""Planning what happened to a recognition: 推荐, 公示, 公示异议, 认定, 复核, 称号变更, 撤销, 作废."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.exchange.registry import PlanContext, Planned, Reason
from app.ladder.imports.event_plan import Asked, Refusal
from app.ladder.imports.event_state import STEP_SAID, Firm, Held
from app.ladder.rules import Draft, State
from app.ladder.rules import problems as draft_problems
from app.ladder.rules.events import LABELS, read_result
from app.ladder.rules.renewal import Renewal, renewal
from app.packs import Pack
from app.policies.queries import PackByCity

_BATCH_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CHANGES = (("renamed", "更名|名称"), ("merged", "合并|兼并|重组|吸收"), ("split", "分立|拆分"), ("moved", "迁移|迁址|迁入|迁出|搬迁|地址|住所"))
_SHOWN = {"announced_on": "announced_on", "valid_from": "valid_from", "valid_to": "valid_to", "document": "document", "revoked_on": "revoked_on"}
Content = dict[str, Any]


class TitleEvents:
    """Events of recognitions in one file."""

    def __init__(self, context: PlanContext, headers: Mapping[str, str]) -> None:
        self._context, self._headers, self._packs = context, headers, PackByCity()

    def _pack(self, firm: Firm | None) -> Pack:
        """A title is read by the policy of the firm's own city."""
        assert firm is not None
        return self._packs.of(firm.city_id)

    def identity(self, asked: Asked) -> tuple[Any, ...]:
        assert asked.firm is not None
        title, level = self._title(asked)
        return "title", asked.firm.id, title, level, self._year(asked), asked.said.kind, asked.on

    def told(self, asked: Asked) -> tuple[Any, ...]:
        keys = ("document", "reason", "result", "until", "valid_from", "valid_to", "evidence", "old_name", "new_name", "old_text", "new_text")
        return tuple(str(asked.row.values.get(key)) for key in keys)

    def plan(self, asked: Asked) -> Planned:
        firm, values, kind = asked.firm, asked.row.values, asked.said.kind
        assert firm is not None
        title, level = self._title(asked)
        content: Content = {"type": "title", "kind": kind if kind in LABELS and kind not in ("merged", "split") else "changed", "on": asked.on, "grants": []}
        content |= {"title": title, "level": level, "year": self._year(asked) or 0, **dict.fromkeys(STEP_SAID)}
        for name in ("until", "document", "reason", "evidence"):
            content[name] = values.get(name)
        plan = {
            "announced": self._announced, "reviewed": self._reviewed, "revoked": self._revoked, "voided": self._voided, "objected": self._objected,
            "recommended": self._before, "noticed": self._before,
        }.get(kind, self._changed)
        if plan(asked, firm, content) is False:
            return asked.unchanged("这条认定已经作废")
        return self._settle(asked, firm, content)

    def _settle(self, asked: Asked, firm: Firm, content: Content) -> Planned:
        """New, corrected or the same; blank cells keep what is known."""
        key = (content["title"], content["level"], content["year"], content["kind"], asked.on)
        known = firm.steps.get(key)
        if known is not None:
            for name, was in zip(STEP_SAID, known, strict=True):
                content[name] = was if content[name] is None else content[name]
        said = tuple(content[name] for name in STEP_SAID)
        firm.steps[key] = said
        batch = f"（{content['year']}年）" if content["year"] else ""
        label = f"{firm.name} {self._pack(firm).title_label(content['title'])}{batch} {LABELS[asked.said.kind]}"
        if known == said and not content["grants"]:
            return asked.unchanged()
        if known is not None:
            asked.changes |= {name: (was, now) for name, was, now in zip(STEP_SAID, known, said, strict=True) if was != now and name != "change"}
            return asked.updated(content, subject_id=firm.id, version=firm.version, label=label)
        return asked.created(content, subject_id=firm.id, version=firm.version, label=label)

    # --- which recognition

    def _title(self, asked: Asked) -> tuple[str, str]:
        """Title code and level; a word that means several titles is the one the firm holds."""
        text, firm = asked.row.values.get("title"), asked.firm
        if not text:
            raise Refusal(Reason(self._headers["title"], "title_blank", f"“{LABELS[asked.said.kind]}”没有写明称号；请补填。"))
        match = self._pack(firm).match_title(str(text), asked.row.values.get("level"))
        if match.title_code is not None:
            return match.title_code, match.level.value if match.level else ""
        held = {(g.title_code, g.level) for g in firm.grants.values()} if firm else set()
        meant = [(code, level.value if level else "") for code, level in match.candidates if (code, level.value if level else "") in held]
        if len(meant) == 1 and match.problem is not None and match.problem.value == "level_missing":
            return meant[0]
        column = "level" if match.problem and match.problem.value.startswith("level") and self._context.has("level") else "title"
        raise Refusal(Reason(self._headers[column], match.problem.value if match.problem else "title_unknown", match.message_zh))

    def _year(self, asked: Asked) -> int | None:
        values = asked.row.values
        if "batch_year" in values:
            return int(values["batch_year"])
        years = set(_BATCH_YEAR.findall(str(values.get("batch") or "")))
        return int(years.pop()) if len(years) == 1 else None

    def _target(self, asked: Asked, firm: Firm, content: Content) -> Held:
        """The recognition an end or a change is about: that of the batch year, else the one in force on the day, else the latest before it."""
        held, year = firm.of_title(content["title"], content["level"]), self._year(asked)
        word = self._pack(firm).title_label(content["title"])
        if year is not None:
            held = [g for g in held if g.batch_year == year]
        if not held:
            message = f"系统中没有“{firm.name}”{f'{year}年批次的' if year else ''}“{word}”认定；请先导入称号认定，或核对称号和批次。"
            raise Refusal(Reason(self._headers["title"], "recognition_unknown", message))
        standing = [g for g in held if g.state(asked.on) is State.VALID] or [g for g in held if g.revoked_on == asked.on]
        if len(standing) > 1:
            years = "、".join(str(g.batch_year or "空白") for g in standing)
            message = f"“{firm.name}”当日有 {len(standing)} 条有效的“{word}”认定（批次年度 {years}）；请填写批次年度。"
            raise Refusal(Reason(self._headers["batch_year"], "recognition_ambiguous", message))
        return standing[0] if standing else next((g for g in held if g.start is not None and g.start <= asked.on), held[0])

    # --- before the decision

    def _before(self, asked: Asked, firm: Firm, content: Content) -> None:
        content["year"] = content["year"] or asked.on.year
        if asked.said.kind == "noticed":
            until = content["until"]
            if until is not None and until < asked.on:
                raise Refusal(Reason(self._headers["until"], "date_reversed", "公示截止日期早于公示日期；请核对。"))
            asked.notes.append("公示不是认定，只作记录，不计入任何统计")

    def _objected(self, asked: Asked, firm: Firm, content: Content) -> None:
        notices = [key for key in firm.steps if key[:2] == (content["title"], content["level"]) and key[3] == "noticed" and key[4] <= asked.on]
        content["year"] = content["year"] or (max(notices, key=lambda key: key[4])[2] if notices else asked.on.year)
        content["result"] = self._result(asked, ("upheld", "dismissed", "open")) or "open"
        if not content["reason"]:
            raise Refusal(Reason(self._headers["reason"], "reason_missing", "公示异议没有写明异议内容；请在“原因”列补填。"))
        if not notices:
            asked.notes.append("系统中没有这家企业这项称号的公示记录，请核对")

    def _result(self, asked: Asked, allowed: Sequence[str]) -> str | None:
        text = asked.row.values.get("result")
        found = asked.said.result or (read_result(text) if text else None)
        if text and found not in allowed:
            raise Refusal(Reason(self._headers["result"], "result_unknown", f"不认识结果“{text[:20]}”；复核请写通过或未通过，异议请写成立、不成立或处理中。"))
        return found

    # --- the decision and after

    def _announced(self, asked: Asked, firm: Firm, content: Content) -> None:
        values, title = asked.row.values, self._pack(firm).title(content["title"])
        content["year"] = content["year"] or asked.on.year
        key = (content["title"], content["level"], content["year"])
        old = firm.grants.get(key)
        if old is not None and old.voided:
            raise Refusal(Reason(self._headers["title"], "recognition_voided", "这条认定已在系统中作废；如确有这项称号，请在企业档案里重新登记。"))
        said = {name: values[name] for name in ("document", "valid_from", "valid_to", "evidence") if name in values} | {"announced_on": asked.on}
        base = old or Held(None, *key, source=self._source(values))
        end = said.get("valid_to", base.valid_to)
        if old is not None and all(getattr(old, name) == value for name, value in said.items()):
            return
        self._write(asked, firm, content, base, said | {"open_ended": title.open_ended and end is None}, old.id if old else None)
        if end is None and not title.open_ended:
            asked.notes.append("没有有效期止，补填之前不计入存量")

    def _reviewed(self, asked: Asked, firm: Firm, content: Content) -> None:
        values, end = asked.row.values, asked.row.values.get("valid_to")
        content["result"] = self._result(asked, ("passed", "failed")) or ("passed" if end is not None else None)
        if content["result"] is None:
            raise Refusal(Reason(self._headers["result"], "result_missing", "没有写明复核结果；请写通过或未通过。"))
        try:
            target = self._target(asked, firm, content)
        except Refusal:
            held = firm.of_title(content["title"], content["level"])
            if not held or self._year(asked) != asked.on.year:
                raise
            target = held[0]  # the batch year is that of the review itself
        content["year"] = target.batch_year
        if content["result"] == "failed":
            asked.notes.append("复核未通过只作记录；称号到期自然退出存量，提前取消的请另导入撤销")
            return
        how, begin = renewal(target.valid_to, asked.on, values.get("valid_from"), end)
        if how is Renewal.NOTHING or end is None:
            asked.notes.append("没有新的有效期止，有效期未改动")
        elif how is Renewal.EXTEND:
            self._extend(asked, firm, content, target, end)
        elif begin is not None:
            self._again(asked, firm, content, (target.title_code, target.level, begin.year), begin, end)

    def _extend(self, asked: Asked, firm: Firm, content: Content, target: Held, end: date) -> None:
        if target.valid_to == end:
            return
        if target.valid_to is not None and end < target.valid_to:
            asked.notes.append(f"新的有效期止早于原来的 {target.valid_to:%Y-%m-%d}，请核对")
        self._write(asked, firm, content, target, {"valid_to": end, "open_ended": False}, target.id)
        asked.notes.append("复核通过，有效期延长，不算新增")

    def _again(self, asked: Asked, firm: Firm, content: Content, key: tuple[str, str, int], begin: date, end: date) -> None:
        old = firm.grants.get(key)
        said = {"announced_on": asked.on, "valid_from": begin, "valid_to": end, "document": content["document"]}
        if old is not None and all(getattr(old, name) == value for name, value in said.items()):
            return
        self._write(asked, firm, content, old or Held(None, *key, source=self._source(asked.row.values)), said, old.id if old else None)
        asked.notes.append("有效期有中断，另记一条认定，不算新增")

    def _revoked(self, asked: Asked, firm: Firm, content: Content) -> None:
        if not (content["reason"] or content["document"]):
            raise Refusal(Reason(self._headers["reason"], "reason_missing", "撤销没有写明原因或文号；请补填。"))
        target = self._target(asked, firm, content)
        content["year"] = target.batch_year
        if target.start is not None and asked.on < target.start:
            message = f"撤销日期早于认定的起始日期（{target.start:%Y-%m-%d}）；请核对，登记有误的请用“作废”。"
            raise Refusal(Reason(self._headers["on"], "revocation_invalid", message))
        reason = (content["reason"] or content["document"] or "")[:200]
        if (target.revoked_on, target.revoked_reason) != (asked.on, reason):
            if target.state(asked.on) is State.EXPIRED:
                asked.notes.append("撤销时这条认定已经到期")
            self._write(asked, firm, content, target, {"revoked_on": asked.on, "revoked_reason": reason}, target.id)

    def _voided(self, asked: Asked, firm: Firm, content: Content) -> bool | None:
        if not (content["reason"] or content["document"]):
            raise Refusal(Reason(self._headers["reason"], "reason_missing", "作废没有写明原因；请补填。"))
        year = self._year(asked)
        of_title = [g for g in firm.grants.values() if (g.title_code, g.level) == (content["title"], content["level"]) and year in (None, g.batch_year)]
        if of_title and all(g.voided for g in of_title):
            return False
        target = self._target(asked, firm, content)
        content["year"] = target.batch_year
        reason = (content["reason"] or content["document"] or "")[:200]
        self._write(asked, firm, content, target, {"voided": True, "revoked_reason": target.revoked_reason or reason}, target.id, check=False)
        return None

    def _changed(self, asked: Asked, firm: Firm, content: Content) -> None:
        values = asked.row.values
        content["year"] = self._target(asked, firm, content).batch_year
        text = " ".join(str(values.get(key) or "") for key in ("kind", "reason", "old_text", "new_text"))
        names = {"old_name", "new_name"} & values.keys()
        content["change"] = "renamed" if names else next((code for code, pattern in _CHANGES if re.search(pattern, text)), "other")
        content["old_text"] = values.get("old_name") or values.get("old_text") or values.get("old_town")
        content["new_text"] = values.get("new_name") or values.get("new_text") or values.get("new_town")
        asked.notes.append("变更不改变认定的批次和有效期")

    def _write(
        self, asked: Asked, firm: Firm, content: Content, base: Held, said: Mapping[str, Any], seen: int | None, *, check: bool = True,
    ) -> None:
        new = firm.put(base, **said)
        if check:
            draft = Draft(*new.key, new.document, new.announced_on, new.valid_from, new.valid_to, new.evidence, new.revoked_on, new.revoked_reason)
            for name, sentence in draft_problems(draft, self._pack(firm).title(base.title_code).levels, self._context.today):
                if name != "announced_on" or new.announced_on is not None:
                    firm.grants[base.key] = base
                    raise Refusal(Reason(self._headers.get(name, self._headers["on"]), "recognition_invalid", sentence))
        asked.changes |= {key: (getattr(base, name), said[name]) for name, key in _SHOWN.items() if name in said and getattr(base, name) != said[name]}
        content["grants"].append(new.plain(seen))

    def _source(self, values: Mapping[str, Any]) -> str | None:
        parts = [str(v) for v in (values.get("source_author") or self._context.author, values.get("source_on") or self._context.on) if v]
        return " ".join(parts)[:60] or None



