"""Batches behind the pages of the import centre, for the general tests: uploaded by the officer of 东昌府区."""

import tempfile
from pathlib import Path

from sqlalchemy import select

from app.exchange.models import ImportBatch
from app.identity.models import User
from app.infra.db import db
from app.kernel.actor import Actor
from app.kernel.scope import Scope
from tests.exchange import importing
from tests.factories.enterprises import make_credit_code
from tests.factories.ladder import area
from tests.pages_registry import sample

REFUSED = ("town", "leader", "expert", "contact", "system", "audit")
HEAD = ["企业名称", "统一社会信用代码", "镇街"]
ROWS = [HEAD, ["聊城样本有限公司", make_credit_code(77), "东昌府区古楼"], ["没有代码的公司", None, "东昌府区古楼"]]


def planned(rows: importing.Rows = ROWS) -> ImportBatch:
    """A batch that waits for its uploader."""
    user = db.session.scalars(select(User).where(User.login == "county")).one()
    db.session.commit()
    scope = Scope(unit_ids=frozenset({area("371502").id}))
    with tempfile.TemporaryDirectory() as folder:
        return importing.plan(Path(folder), "enterprises", rows, scope=scope, by=Actor(user.id, user.name)).batch


def applied() -> ImportBatch:
    batch = planned()
    return importing.apply(batch, by=Actor(batch.created_by, batch.created_name))


def at(batch: ImportBatch, step: str = "") -> str:
    return f"/exchange/batches/{batch.id}{step}"


@sample("exchange.new", viewers=("bureau", "county"), strangers=(), refused=REFUSED)
def new() -> str:
    return "/exchange/enterprises/new"


@sample("exchange.template", viewers=("bureau", "county"), strangers=(), refused=REFUSED)
def template() -> str:
    return "/exchange/enterprises/template"


@sample("exchange.show", viewers=("bureau", "county"), strangers=("stranger", "stranger_city", "zone"), refused=REFUSED)
def show() -> str:
    return at(planned())


@sample("exchange.show", viewers=("county",), strangers=("stranger",))
def show_mapping() -> str:
    return at(planned([["单位", "信用编码", "在哪个镇"], ["聊城样本有限公司", make_credit_code(77), "古楼街道"]]))


@sample("exchange.show", viewers=("bureau", "county"), strangers=("stranger",))
def show_applied() -> str:
    return at(applied())


@sample("exchange.progress", viewers=("county",), refused=REFUSED)
def progress() -> str:
    return at(planned(), "/progress")


@sample("exchange.columns", viewers=("county",), refused=(*REFUSED, "bureau"))
def columns() -> str:
    return at(planned(), "/columns")


@sample("exchange.apply", method="POST", data={"plan": "x"}, viewers=(), refused=(*REFUSED, "bureau"))
def apply() -> str:
    return at(planned(), "/apply")


@sample("exchange.retry", method="POST", viewers=("county",), refused=(*REFUSED, "bureau"))
def retry() -> str:
    return at(planned(), "/retry")


@sample("exchange.cancel", method="POST", viewers=("county",), refused=(*REFUSED, "bureau"))
def cancel() -> str:
    return at(planned(), "/cancel")


@sample("exchange.undo", viewers=("county",), refused=(*REFUSED, "bureau"), statements=32)
def undo() -> str:
    return at(applied(), "/undo")


@sample("exchange.rejected", method="POST", viewers=(), refused=REFUSED)
def rejected() -> str:
    return at(planned(), "/rejected")
