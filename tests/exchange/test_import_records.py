"""Plans of yearly figures and of recognitions: versions, corrections, what is refused and what is only remarked."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.areas.models import Area
from app.enterprises.models import EnterpriseSummary, EnterpriseYear
from app.infra.db import db
from app.kernel.scope import Scope
from app.ladder.models import Recognition
from tests.exchange.importing import do, plan
from tests.factories.enterprises import make_credit_code, make_enterprise

A, B = make_credit_code(1), make_credit_code(2)
FIGURES = ["企业名称", "统一社会信用代码", "年度", "营业收入（万元）", "研发费用", "从业人员"]
GRANTS = ["企业名称", "统一社会信用代码", "称号", "级别", "批次年度", "公布日期", "有效期起", "有效期止", "文号"]
SRDI = ["甲公司", A, "专精特新中小企业", "省级", 2023, "2023-07-14", "2023-07-14", "2028-07-13", "鲁工信创〔2023〕1号"]


def current(year: int = 2023) -> EnterpriseYear:
    query = select(EnterpriseYear).where(EnterpriseYear.year == year, EnterpriseYear.superseded_at.is_(None))
    return db.session.scalars(query).one()


def grants() -> list[Recognition]:
    return list(db.session.scalars(select(Recognition).where(Recognition.superseded_at.is_(None)).order_by(Recognition.id)))


# --- figures


def test_figures_take_the_unit_of_the_header_and_of_the_cell(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "figures", [FIGURES, ["甲公司", A, 2023, "１，２３４．５", "1.2亿元", 50]])
    row = current()
    assert (row.revenue_yuan, row.rd_expense_yuan, row.employee_count) == (Decimal("12345000"), Decimal("120000000"), 50)
    assert row.source == "enterprise"
    assert db.session.scalars(select(EnterpriseSummary.revenue_yuan)).one() == Decimal("12345000")


def test_a_partial_row_is_laid_over_the_version_before(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "figures", [FIGURES, ["甲公司", A, 2023, 1000, 50, 20]])
    planned = do(tmp_path, "figures", [FIGURES, ["甲公司", A, 2023, None, 60, None]])
    assert planned.changes(2) == {"rd_expense_yuan": [Decimal(500000), Decimal(600000)]}
    row = current()
    assert (row.revenue_yuan, row.rd_expense_yuan, row.employee_count) == (Decimal(10_000_000), Decimal(600_000), 20)
    assert len(db.session.scalars(select(EnterpriseYear)).all()) == 2


def test_the_same_figures_again_make_no_version_and_zero_is_a_value(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    rows = [FIGURES, ["甲公司", A, 2023, 0, None, 20]]
    do(tmp_path, "figures", rows)
    assert do(tmp_path, "figures", rows).counts["unchanged"] == 1
    assert (current().revenue_yuan, current().rd_expense_yuan) == (Decimal(0), None)


def test_several_years_side_by_side_are_several_records_of_one_row(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    planned = do(tmp_path, "figures", [["统一社会信用代码", "2022年营业收入（万元）", "2023年营业收入（万元）"], [A, 100, 200]])
    assert planned.counts == {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    assert (current(2022).revenue_yuan, current(2023).revenue_yuan) == (Decimal(1_000_000), Decimal(2_000_000))


def test_the_year_may_come_from_the_options_or_is_missing(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    rows = [["统一社会信用代码", "营业收入（万元）"], [A, 100]]
    assert plan(tmp_path, "figures", rows).codes() == {2: "year_missing"}
    do(tmp_path, "figures", rows, options={"year": "2022", "source": "department"}, author="李四", on=date(2023, 3, 1))
    row = current(2022)
    assert (row.source, row.reported_on, row.evidence) == ("department", date(2023, 3, 1), "填报人：李四")


def test_unlikely_figures_are_accepted_with_a_remark(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    planned = plan(tmp_path, "figures", [FIGURES, ["甲公司", A, 2023, 100, 200, None]])
    assert planned.outcomes() == {2: "created"}
    assert "研发费用大于营业收入" in planned.notes(2)


def test_figures_of_unknown_and_foreign_firms_are_refused(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A, town="371522001")
    scope = Scope(unit_ids=frozenset({db.session.scalars(select(Area.id).where(Area.code == "371502")).one()}))
    planned = plan(tmp_path, "figures", [FIGURES, ["甲公司", A, 2023, 1, None, None], ["乙公司", B, 2023, 1, None, None]], scope=scope)
    assert planned.codes() == {2: "out_of_scope", 3: "enterprise_unknown"}


def test_without_a_code_column_the_exact_present_or_former_name_counts(app: Flask, tmp_path: Path) -> None:
    make_enterprise("聊城旧名有限公司", code=A)
    do(tmp_path, "enterprises", [["统一社会信用代码", "企业名称"], [A, "聊城新名有限公司"]])
    make_enterprise("同名公司", code=B)
    make_enterprise("同名公司")
    rows = [["企业名称", "年度", "营业收入（万元）"], ["聊城旧名有限公司", 2023, 5], ["同名公司", 2023, 5], ["没有的公司", 2023, 5]]
    assert plan(tmp_path, "figures", rows).codes() == {3: "name_ambiguous", 4: "enterprise_unknown"}


# --- recognitions


def test_a_recognition_is_recorded_with_its_own_dates(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "recognitions", [GRANTS, SRDI], author="王五", on=date(2023, 8, 1))
    (row,) = grants()
    assert (row.title_code, row.level, row.batch_year, row.document) == ("srdi", "province", 2023, "鲁工信创〔2023〕1号")
    assert (row.announced_on, row.valid_from, row.valid_to) == (date(2023, 7, 14), date(2023, 7, 14), date(2028, 7, 13))
    assert row.source == "王五 2023-08-01"
    assert ",srdi," in db.session.scalars(select(EnterpriseSummary.titles)).one()


def test_the_same_key_with_other_values_is_a_correction(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "recognitions", [GRANTS, SRDI])
    planned = do(tmp_path, "recognitions", [GRANTS, [*SRDI[:7], "2025-12-31", None]])
    assert planned.changes(2) == {"valid_to": [date(2028, 7, 13), date(2025, 12, 31)]}
    (row,) = grants()
    assert (row.valid_to, row.document) == (date(2025, 12, 31), "鲁工信创〔2023〕1号")
    assert do(tmp_path, "recognitions", [GRANTS, SRDI[:7]]).counts["unchanged"] == 1


def test_a_blank_batch_year_is_the_year_of_the_announcement(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    do(tmp_path, "recognitions", [GRANTS, [*SRDI[:4], None, *SRDI[5:]]])
    assert grants()[0].batch_year == 2023


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([*SRDI[:7], "2020-01-01", None], "validity_reversed"),
        (["甲公司", A, "没听说过的称号", None, 2023, "2023-07-14"], "title_unknown"),
        (["甲公司", A, "专精特新企业（公示）", "省级", 2023, "2023-07-14"], "not_yet_recognised"),
        ([*SRDI[:8], "关于2023年度专精特新中小企业名单的公示"], "not_yet_recognised"),
        (["甲公司", B, *SRDI[2:]], "enterprise_unknown"),
        ([*SRDI[:7], "长期", None], "validity_open"),
        ([*SRDI[:5], "2099-01-01"], "date_in_future"),
    ],
)
def test_what_is_no_recognition_is_refused_with_the_reason(app: Flask, tmp_path: Path, row: list[object], code: str) -> None:
    make_enterprise("甲公司", code=A)
    assert plan(tmp_path, "recognitions", [GRANTS, row]).codes() == {2: code}


def test_a_grant_without_an_end_is_kept_and_remarked(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    planned = do(tmp_path, "recognitions", [GRANTS, SRDI[:7]])
    assert "不计入存量" in planned.notes(2)
    assert grants()[0].valid_to is None and not grants()[0].open_ended


def test_twin_recognitions(app: Flask, tmp_path: Path) -> None:
    make_enterprise("甲公司", code=A)
    planned = plan(tmp_path, "recognitions", [GRANTS, SRDI, SRDI, [*SRDI[:7], "2025-12-31"]])
    assert planned.outcomes() == {2: "created", 3: "unchanged", 4: "rejected"}
    assert planned.codes() == {4: "duplicate_in_file"}
