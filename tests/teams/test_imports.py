"""The three registers from workbooks: written once, corrected by a second file, taken back."""

from datetime import date

from sqlalchemy import select

from app.infra.db import db
from app.teams.models import Expert, Provider, RegisterStep
from tests.exchange import importing
from tests.factories import teams as build

HEAD = ["服务商名称", "统一社会信用代码", "机构类别", "来源", "服务领域", "服务区域", "联系电话", "状态", "有效期起", "有效期止"]
ROW = ["聊城恒信会计师事务所", "91371500MA3C0A1B2E", "会计税务师事务所", "外地", "财税规划，法律", "东昌府、莘县", "13812345678", "在盟", date(2024, 1, 1), date(2030, 12, 31)]


def code() -> str:
    from app.kernel.credit_code import check_character

    first = "91379999MA0000021"
    return first + check_character(first)


def rows(**changed: object) -> list[list[object]]:
    row = dict(zip(HEAD, [ROW[0], code(), *ROW[2:]], strict=True)) | changed
    return [HEAD, [row[key] for key in HEAD]]


def test_a_provider_is_written_down_and_admitted(app, tmp_path):
    found = importing.plan(tmp_path, "providers", rows())
    assert found.counts == {"rows": 1, "created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    importing.apply(found)
    row = db.session.scalars(select(Provider)).one()
    assert (row.state, row.origin, row.kind, row.domains, row.valid_to) == ("active", "elsewhere", "accounting", ",fiscal_tax,legal,", date(2030, 12, 31))
    assert row.phone_masked == "138****5678" and "13812345678" not in (row.phone_cipher or "")
    assert [step.kind for step in db.session.scalars(select(RegisterStep).order_by(RegisterStep.id))] == ["proposed", "admitted"]


def test_the_same_file_twice_changes_nothing(app, tmp_path):
    importing.apply(importing.plan(tmp_path, "providers", rows()))
    assert importing.plan(tmp_path, "providers", rows(状态=None)).counts["unchanged"] == 1


def test_a_second_file_corrects_and_is_taken_back(app, tmp_path):
    importing.apply(importing.plan(tmp_path, "providers", rows()))
    second = importing.plan(tmp_path, "providers", rows(服务领域="法律服务", 联系电话=None))
    assert second.counts["updated"] == 1
    importing.apply(second)
    assert db.session.scalars(select(Provider.domains)).one() == ",legal,"
    importing.undo(second.batch)
    assert db.session.scalars(select(Provider.domains)).one() == ",fiscal_tax,legal,"


def test_undo_takes_a_new_entry_away_unless_it_is_used(app, tmp_path):
    first = importing.plan(tmp_path, "experts", [["姓名", "工作单位", "专长类别"], ["王建国", "聊城大学", "解困、补短板"], ["李志强", "聊城大学", None]])
    importing.apply(first)
    kept = db.session.scalars(select(Expert).where(Expert.name == "王建国")).one()
    build.member(build.team(1), "王建国").expert_id = kept.id
    db.session.commit()
    importing.undo(first.batch)
    assert [row.name for row in db.session.scalars(select(Expert))] == ["王建国"]


def test_unknown_words_and_missing_names_are_said(app, tmp_path):
    found = importing.plan(tmp_path, "resources", [
        ["资源类别", "资源名称", "提供单位", "服务领域", "服务区域"], ["课程", "班组长训练营", "聊城大学", "烹饪", None], ["课程", None, "聊城大学", None, None],
        ["课程", "数字专员班", "聊城大学", None, "广州市"],
    ])
    assert found.codes() == {2: "unknown_word", 3: "missing", 4: "unknown_word"}
