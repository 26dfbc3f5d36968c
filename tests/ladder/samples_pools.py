"""Records behind the pool pages, for the general tests."""

from datetime import date, timedelta
from decimal import Decimal

from app.infra import clock
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.scope import ALL
from app.ladder.actions import pools as actions
from app.ladder.models import LookalikeRow, LookalikeRun
from app.ladder.queries import pools as queries
from app.policies.queries import current_pack
from tests.factories import ladder as make
from tests.pages_registry import query, sample

POOL = "key_cultivation"
VIEWERS, REFUSED = ("bureau", "county", "leader"), ("town", "department", "system", "trainer")
EDITORS, READERS = ("bureau", "county"), ("leader", "town", "expert")
query("ladder.collect", "?q=机械")


def firm() -> int:
    row = make.firm(make.area("371502001"), name="柳河机械有限公司", industry_code="3451")
    db.session.commit()
    return row.id


def member_id(*, admitted: bool = True) -> int:
    """A nomination, or a member at the first stage, in 古楼街道."""
    pack = current_pack()
    pool = queries.get_pool(pack, POOL)
    on = clock.today() - timedelta(days=3)
    row = actions.nominate(scope=ALL, pack=pack, pool=pool, enterprise_id=firm(), reason="县级推荐", on=on, by=SYSTEM)
    if admitted:
        change = actions.Change("admitted", on, "县级推荐", pool.stages[0].code)
        actions.take_step(scope=ALL, pool=pool, member=queries.get_member(ALL, row.id), change=change, by=SYSTEM)
    db.session.commit()
    return row.id


def lookalike_id() -> int:
    run = LookalikeRun(
        pool_code=POOL, city_id=queries.city_id_of(current_pack()), day=clock.today(), promoted=6, samples=6, candidates=1, computed_at=clock.now(),
        computed_by="系统",
    )
    db.session.add(run)
    db.session.flush()
    row = LookalikeRow(
        run_id=run.id, enterprise_id=firm(), score=Decimal("78.5"), distance=Decimal("0.27"), neighbours=[], reasons=["与近三年晋级的 5 家最接近。"],
        differences=[],
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def pool() -> str:
    member_id()
    return f"/ladder/pools/{POOL}"


NOBODY: tuple[str, ...] = ()
TODAY = {"on": date.today().isoformat(), "reason": "县级推荐", "version": "1"}


@sample("ladder.pool", viewers=VIEWERS, refused=REFUSED, strangers=NOBODY, statements=16)
def pool_page() -> str:
    return pool()


@sample("ladder.export_pool", method="POST", viewers=NOBODY, refused=("leader", "town"), strangers=NOBODY)
def exported() -> str:
    return f"{pool()}/export"


@sample("ladder.nominate", viewers=EDITORS, refused=READERS, strangers=NOBODY)
def nominate() -> str:
    return f"/ladder/pools/{POOL}/nominate?enterprise={firm()}"


@sample("ladder.pool_member", viewers=VIEWERS, refused=REFUSED)
def member() -> str:
    return f"/ladder/pools/members/{member_id()}"


@sample("ladder.pools_of", viewers=VIEWERS, refused=REFUSED)
def pools_of() -> str:
    member_id()
    return f"/ladder/enterprises/{firm()}/pools"


@sample("ladder.pool_step", viewers=EDITORS, refused=READERS)
def step() -> str:
    return f"/ladder/pools/members/{member_id()}/stage"


@sample("ladder.pool_step", method="POST", viewers=("bureau",), refused=READERS, data={**TODAY, "stage": "chosen"})
def step_posted() -> str:
    return f"/ladder/pools/members/{member_id(admitted=False)}/admit"


@sample("ladder.lookalikes", viewers=VIEWERS, refused=REFUSED, strangers=NOBODY)
def lookalikes() -> str:
    lookalike_id()
    return f"/ladder/pools/{POOL}/lookalikes"


@sample("ladder.lookalikes_progress", viewers=VIEWERS, refused=REFUSED, strangers=NOBODY)
def progress() -> str:
    return f"/ladder/pools/{POOL}/lookalikes/progress"


@sample("ladder.search_lookalikes", method="POST", viewers=("bureau",), refused=READERS, strangers=NOBODY)
def searched() -> str:
    return f"/ladder/pools/{POOL}/lookalikes"


@sample("ladder.answer_lookalike", viewers=EDITORS, refused=READERS)
def answer() -> str:
    return f"/ladder/pools/lookalikes/{lookalike_id()}/reject"


@sample("ladder.answer_lookalike", method="POST", viewers=("bureau",), refused=READERS, data={"on": date.today().isoformat(), "reason": "不在重点产业"})
def answered() -> str:
    return f"/ladder/pools/lookalikes/{lookalike_id()}/reject"
