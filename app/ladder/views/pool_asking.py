"""What a pool page is asked for; the address holds everything, so that every number opens exactly its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.infra import clock
from app.infra.web.access import current_scope
from app.infra.web.forms import Form
from app.ladder.models.pools import MEMBER, NOMINATED, OPEN_STATES
from app.ladder.queries import pools as queries
from app.ladder.queries.pools import ALL_STATES, Count, Narrow, When
from app.ladder.views.asking import Asked, asked
from app.packs import Pack
from app.packs.schema import Pool
from app.policies.queries import current_pack

STATE_CHOICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("在库和提名", OPEN_STATES), "member": ("在库", (MEMBER,)), "nominated": ("提名待审", (NOMINATED,)), "released": ("已出库", ("released",)),
    "refused": ("未入库", ("refused",)), "all": ("全部", ALL_STATES),
}
LAYOUTS = {"list": "列表", "board": "阶段看板", "places": "区域分布"}


@dataclass(frozen=True)
class Question:
    """One pool page: the pool, day and place (``asked``), state, stage, owner, year, text, layout."""

    pack: Pack
    pool: Pool
    asked: Asked
    state: str
    stage: str
    owner: str
    year: int | None
    text: str
    layout: str

    @property
    def when(self) -> When:
        return When(self.asked.day, self.asked.known_on)

    @property
    def now(self) -> bool:
        return self.when.now

    @property
    def narrow(self) -> Narrow:
        return Narrow(STATE_CHOICES[self.state][1], self.stage or None, self.owner, self.year, self.text)

    @property
    def loose(self) -> Narrow:
        """Without state and stage: what the columns and the strip divide up."""
        return Narrow(ALL_STATES, None, self.owner, self.year, self.text)

    @property
    def arguments(self) -> dict[str, Any]:
        """Everything said in the address, without the cursor."""
        said = {
            **self.asked.query, "unit": self.asked.unit, "town": self.asked.town, "state": self.state if self.state != "open" else "",
            "stage": self.stage, "owner": self.owner, "year": self.year or "", "q": self.text,
            "layout": self.layout if self.layout != "list" else "",
        }
        return {key: value for key, value in said.items() if value}

    def url(self, **changed: Any) -> str:
        """This page with other arguments (None or "" takes one away)."""
        said = {key: value for key, value in {**self.arguments, **changed}.items() if value}
        return url_for("ladder.pool", code=self.pool.code, **said)


def question(code: str) -> Question:
    """The question of this request about one pool. Raises NotFound for an unknown pool."""
    pack = current_pack()
    pool = queries.get_pool(pack, code)
    state, stage, layout = (request.args.get(name, "")[:60] for name in ("state", "stage", "layout"))
    year = request.args.get("year", "")
    return Question(
        pack, pool, asked(current_scope()), state if state in STATE_CHOICES else "open", stage if pool.stage(stage) else "",
        request.args.get("owner", "").strip()[:60], int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        request.args.get("q", "").strip()[:60], layout if layout in LAYOUTS else "list",
    )


def by_column(pool: Pool, rows: Sequence[Count]) -> dict[str, int]:
    """Members per stage; nominations stand under ``nominated``, stages the pack no longer has under their own code."""
    found: dict[str, int] = {}
    for row in rows:
        if row.state in OPEN_STATES:
            key = NOMINATED if row.state == NOMINATED else row.stage_code or ""
            found[key] = found.get(key, 0) + row.count
    return found


class _PoolForm(Form):
    on = DateField("日期", [InputRequired("请填写日期。")], default=lambda: clock.today())
    reason = TextAreaField("理由", [Length(max=300, message="理由不能超过 300 字。")])


class EntryForm(_PoolForm):
    """Nominate or admit one subject."""

    enterprise_id = SelectField("企业", [Optional()], coerce=str, validate_choice=False)
    credit_code = StringField("或填写信用代码", [Optional(), Length(max=40)], description="知道统一社会信用代码时可以直接填写。")
    town_id = SelectField("乡镇（街道）", [Optional()], coerce=str, validate_choice=False)
    what = SelectField("办理", choices=[("nominate", "提名，等待入库决定"), ("admit", "直接入库")])
    stage = SelectField("入库后的阶段", [Optional()], validate_choice=False)
    owner = StringField("责任人", [Optional(), Length(max=60, message="责任人不能超过 60 字。")], description="经办人或责任单位，可以以后再指定。")


class StepForm(_PoolForm):
    """One step of a spell."""

    stage = SelectField("阶段", [Optional()], validate_choice=False)
    owner = StringField("责任人", [Optional(), Length(max=60, message="责任人不能超过 60 字。")])
    version = HiddenField()


class BulkForm(_PoolForm):
    """Many enterprises into a pool."""

    pool = SelectField("培育库", [InputRequired("请选择培育库。")])
    what = SelectField("办理", choices=[("admit", "直接入库"), ("nominate", "提名，等待入库决定")])
    owner = StringField("责任人", [Optional(), Length(max=60, message="责任人不能超过 60 字。")])


def whole(text: str | None) -> int | None:
    """A positive id of the address or a form, or None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0 else None


def whole_ids(texts: Sequence[str], most: int) -> list[int]:
    """Ids sent by a form, each once."""
    return sorted({key for text in texts[:most] if (key := whole(text)) is not None})


__all__ = ["LAYOUTS", "STATE_CHOICES", "BulkForm", "EntryForm", "Question", "StepForm", "by_column", "question", "whole", "whole_ids"]
