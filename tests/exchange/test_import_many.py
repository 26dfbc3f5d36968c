"""Many new firms at once: planned column by column, written table by table, indexed afterwards; nothing of it can be told from row by row."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises.actions import bulk, index
from app.enterprises.imports.fresh import Fresh
from app.enterprises.models import Enterprise, EnterpriseSummary, EnterpriseTown, SearchPending, StagedEnterprise
from app.enterprises.queries import Filters, list_enterprises
from app.enterprises.queries.duplicates import find_twins
from app.enterprises.rules import naming
from app.enterprises.rules.duplicates import Identity
from app.exchange import queries
from app.infra import jobs
from app.infra.db import db
from app.infra.jobs import Job
from app.kernel import credit_code
from app.kernel.scope import ALL
from tests.exchange.importing import OFFICER, Outcome, apply, do, plan, undo
from tests.factories.enterprises import make_credit_code, make_enterprise

HEAD = ["企业名称", "统一社会信用代码", "县区", "镇街", "法定代表人", "成立日期", "行业", "控股类型", "填报人"]


def mixed() -> list[list[Any]]:
    """New firms, and among them everything that is something else."""
    rows = [[f"聊城长安{i}号（东阿）有限公司", make_credit_code(1000 + i), "东昌府区", "柳园", "张三", "2015-03-12", "C3451", "私人控股", "李四"] for i in range(30)]
    rows[3][0] = None
    rows[4][1] = rows[2][1]
    rows[5] = list(rows[6])
    rows[7][3] = "不存在镇"
    rows[8][5] = "2999-01-01"
    rows[9][6] = "没有的行业"
    rows[10][7] = "（清空）"
    rows[11][0] = "聊城旧有限公司"
    rows[12][1] = rows[12][1].lower()
    rows[13][5] = "昨天"
    rows[14][1] = make_credit_code(1)
    rows[15][3], rows[16][3] = "柳园街道", "371502001"
    rows[17][4] = None
    return [HEAD, *rows]


def facts(said: Outcome) -> list[Any]:
    """Everything the preview shows, and everything that would be written."""
    stage = StagedEnterprise.__table__
    staged = db.session.execute(select(*list(stage.c)[1:]).where(stage.c.batch_id == said.batch.id).order_by(stage.c.place))
    lines = [(r.row, r.outcome, r.action, r.key, r.label, r.problems, r.notes) for r in said.rows]
    return [said.counts, lines, [tuple(row) for row in staged]]


def test_columns_and_rows_make_the_same_plan(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_enterprise("聊城旧有限公司", code=make_credit_code(1))
    by_column = plan(tmp_path, "enterprises", mixed())
    kept = facts(by_column)
    monkeypatch.setattr(Fresh, "_unusual", lambda self, chunk, columns, town, seen: set(range(len(chunk))))
    by_row = plan(tmp_path, "enterprises", mixed())
    assert facts(by_row) == kept
    assert kept[0]["created"] > 15 and kept[0]["rejected"] > 3


def test_very_many_are_found_before_and_after_they_are_indexed(app: Flask, as_: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "FEW", 5)
    batch = do(tmp_path, "enterprises", [row for row in mixed() if row[3] != "不存在镇"])
    made = batch.counts["created"]
    assert db.session.scalar(select(func.count()).select_from(SearchPending)) == made
    queries = ("长安1号", "ca1h", "东阿有限", make_credit_code(1001)[9:15], "安2")
    early = {text: [r.name for r in list_enterprises(ALL, Filters(text=text)).rows] for text in queries}
    assert all(early.values())
    assert f"后台正在为 {made} 家新企业补建搜索索引" in as_("bureau").get(f"/exchange/batches/{batch.batch.id}").get_data(as_text=True)
    slips = [Identity(f"{make_credit_code(1001)[:9]}X{make_credit_code(1001)[10:]}", "毫不相干有限公司"), Identity(make_credit_code(5), "聊城长安1号东阿有限公司")]
    twins = [[hint.name for hint in find_twins(ALL, one)] for one in slips]
    assert all(twins)
    work_off()
    assert [[hint.name for hint in find_twins(ALL, one)] for one in slips] == twins
    assert "补建搜索索引" not in as_("bureau").get(f"/exchange/batches/{batch.batch.id}").get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(SearchPending)) == 0
    assert {text: [r.name for r in list_enterprises(ALL, Filters(text=text)).rows] for text in queries} == early
    for model in (EnterpriseSummary, EnterpriseTown):
        assert db.session.scalar(select(func.count()).select_from(model)) == made


def work_off() -> None:
    """The worker does what the import left for it: one job, however many imports asked."""
    waiting = [job.id for job in db.session.scalars(select(Job).where(Job.kind == index.JOB, Job.state == "queued"))]
    assert len(waiting) == 1
    done = jobs.run_inline(index.JOB, {}, label="试验", by=OFFICER)
    assert done.state == "done", done.error_zh


@pytest.mark.parametrize("indexed", [True, False])
def test_an_import_of_very_many_can_be_taken_back(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool) -> None:
    monkeypatch.setattr(bulk, "FEW", 5)
    batch = do(tmp_path, "enterprises", mixed())
    if indexed:
        work_off()
    undo(batch.batch)
    kept = [line.label for line in queries.list_kept(batch.batch.id)]  # a firm somebody has an account for stays
    assert len(kept) < 2 and list(db.session.scalars(select(Enterprise.name))) == kept
    assert [row.name for row in list_enterprises(ALL, Filters(text="长安")).rows] == kept
    again = do(tmp_path, "enterprises", mixed())
    assert again.counts["created"] == batch.counts["created"] - len(kept)
    assert list_enterprises(ALL, Filters(text="长安1号")).rows


def test_ids_follow_the_sheet(app: Flask, tmp_path: Path) -> None:
    apply(plan(tmp_path, "enterprises", mixed()))
    rows = db.session.execute(select(Enterprise.credit_code).order_by(Enterprise.id)).scalars().all()
    order = [row[1].upper() for row in mixed()[1:]]
    places = [order.index(code) for code in rows]
    assert places == sorted(places)


NAMES = ["聊城（东阿）长城TCL制造", "重庆·乐行", "ＡＢＣ厂", "盛 泰", "e\u0301点", "一\n二", "𬭊业", "", "甲"]


def test_names_of_a_batch_read_as_each_alone() -> None:
    for names in (NAMES, [n for n in NAMES if n.isalnum()], NAMES[:2], ["长" * 130], []):
        for shorts in ([None] * len(names), [n[1:3] for n in names], list(names)):
            first, second = naming.contents(names, shorts)
            assert first == [naming.initials(n) for n in names]
            assert second == [naming.content(pair) for pair in zip(names, shorts, strict=True)]


def test_a_column_of_codes_is_as_good_as_its_worst() -> None:
    good = [make_credit_code(i) for i in range(200)]
    assert credit_code.all_agree(good) and credit_code.all_agree([])
    for place in range(18):
        for letter in "0A9XWI":
            wrong = good[7][:place] + letter + good[7][place + 1 :]
            agrees = credit_code.is_valid(wrong) and credit_code.organisation_part_agrees(wrong)
            assert credit_code.all_agree([*good[:5], wrong, *good[5:9]]) == agrees
    assert not credit_code.all_agree([good[0] + "\n" + good[1]])
