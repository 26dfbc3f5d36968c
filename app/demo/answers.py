"""Demo answers: what no column of the yearly figures knows, for firms large enough to think of a title; and a few kept diagnoses."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.areas.models import Area
from app.demo.generator import Firm
from app.enterprises.models import Enterprise
from app.infra import clock
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import ALL
from app.ladder.actions.snapshots import keep_diagnosis
from app.ladder.models import DiagnosisSnapshot, Recognition
from app.ladder.models.answers import FACT, NO_YEAR

COLUMNS = ("enterprise_id", "kind", "rule", "subject", "year", "number", "word", "source", "evidence", "reported_on", "recorded_at")
LEAST_REVENUE, EVERY = 12_000_000, 20
"""元: smaller firms are years away from a title, nobody asks them; of the others those near a title and every twentieth were asked."""
CANDIDATES = frozenset({"innovative_sme", "srdi_city", "srdi"})
KEPT = 5


def rows(firms: Sequence[Firm], ids: dict[int, int]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``enterprise_answer``; the same firm always answers the same."""
    for firm in firms:
        newest = max((one for one in firm.years if one.main_revenue), key=lambda one: one.year, default=None)
        if newest is None or (newest.revenue or 0) < LEAST_REVENUE or not newest.main_revenue:
            continue
        if firm.number % EVERY and not any(grant.title in CANDIDATES for grant in firm.grants):
            continue
        said = clock.start_of_day(newest.reported_on)
        for subject, year, number, word, source, evidence in _answers(firm, newest.year, newest.main_revenue, newest.employees or 0):
            value = None if number is None else Decimal(number)
            yield ids[firm.number], FACT, "", subject, year, value, word, source, evidence, newest.reported_on, said


def _answers(firm: Firm, year: int, main_revenue: int, employees: int) -> Iterator[tuple[str, int, int | None, str | None, str, str]]:
    """(subject, year, number, word, source, evidence). About one firm in five has not been asked each thing."""
    turn = firm.number * 7919
    if turn % 5:
        yield "lead_product_revenue", year, main_revenue * (48 + turn % 47) // 100, None, "enterprise", "主导产品收入明细（演示）"
    if turn % 3:
        yield "quality_system", NO_YEAR, int(turn % 7 > 1), None, "visit", "ISO9001 证书（演示）"
    if turn % 4:
        yield "invention_patents", NO_YEAR, turn % 6, None, "department", "专利登记簿（演示）"
        yield "utility_models", NO_YEAR, turn % 11, None, "department", "专利登记簿（演示）"
    if turn % 2:
        yield "tech_staff", year, employees * (4 + turn % 19) // 100, None, "enterprise", "职工花名册（演示）"
    if not turn % 3:
        yield "rd_institution_level", NO_YEAR, None, ("none", "city", "province")[turn // 3 % 3], "department", "认定文件（演示）"
    if any(grant.title in CANDIDATES for grant in firm.grants) and turn % 4:
        yield "platform_score", clock.today().year, 42 + turn % 37, None, "platform", "平台评分截图（演示）"


def load(city_code: str, *, by: Actor) -> int:
    """Keep the diagnoses of a few holders; returns how many. A second call adds nothing. Flushes, does not commit."""
    if db.session.scalar(select(DiagnosisSnapshot.id).where(DiagnosisSnapshot.note == "演示").limit(1)) is not None:
        return 0
    today: date = clock.today()
    holders = (
        select(Enterprise.id).join(Area, Area.id == Enterprise.city_id).join(Recognition, Recognition.enterprise_id == Enterprise.id)
        .where(Area.code == city_code, Recognition.title_code.in_(sorted(CANDIDATES)), Enterprise.status == "active").distinct()
        .order_by(Enterprise.id).limit(KEPT)
    )
    ids = list(db.session.scalars(holders))
    for id_ in ids:
        keep_diagnosis(scope=ALL, enterprise_id=id_, as_of=today, by=by, note="演示")
    return len(ids)
