"""Official lists by name: nothing is recorded without an officer's confirmation; the likeliest firm comes first; what was confirmed is remembered."""

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.enterprises.actions import reindex_all
from app.enterprises.models import Enterprise, EnterpriseName
from app.infra.db import db
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.kernel.scope import ALL, Scope
from app.ladder import queries
from app.ladder.actions import lists as actions
from app.ladder.models import NameMatch, OfficialList, OfficialListRow, Recognition
from app.ladder.queries import lists
from app.ladder.queries.lists import Line, Matcher
from app.ladder.rules import CountKind, any_level
from app.ladder.rules.names import alike, name_key, names_in
from tests.exchange.importing import apply, plan, undo
from tests.factories import ladder as make

TITLE = ("2023年度山东省专精特新中小企业名单", None, None)
HEAD = ("序号", "企业名称", "所在地")


@pytest.fixture
def firms(app: Flask) -> dict[str, Enterprise]:
    places = {"启岳": "371502001", "柳河": "371502001", "龙华": "371581107", "同名甲": "371502001", "同名乙": "371581107", "改名": "371502002"}
    names = {
        "启岳": "聊城启岳轴承有限公司", "柳河": "山东柳河机械（集团）有限公司", "龙华": "临清龙华机电有限公司", "同名甲": "聊城长兴食品有限公司",
        "同名乙": "聊城长兴食品有限公司", "改名": "山东新光智能装备有限公司",
    }
    rows = {key: make.firm(make.area(places[key]), name=name) for key, name in names.items()}
    db.session.add(EnterpriseName(enterprise_id=rows["改名"].id, name="聊城旧光机械厂"))
    db.session.flush()
    reindex_all()
    db.session.commit()
    return rows


def load(tmp_path: Path, *names: Any, scope: Scope = ALL, title: Any = TITLE, options: dict[str, str] | None = None) -> OfficialList:
    rows = [HEAD, *((i, *(name if isinstance(name, tuple) else (name, None))) for i, name in enumerate(names, 1))]
    batch = apply(plan(tmp_path, "lists", [title, *rows] if title else rows, scope=scope, options=options))
    return db.session.scalars(select(OfficialList).where(OfficialList.import_id == batch.id)).one()


def rows_of(listed: OfficialList) -> list[OfficialListRow]:
    return list(db.session.scalars(select(OfficialListRow).where(OfficialListRow.list_id == listed.id).order_by(OfficialListRow.row)))


def best(row: OfficialListRow) -> tuple[int, str] | None:
    return (row.candidates[0][0], row.candidates[0][1]) if row.candidates else None


def test_names_are_read_as_they_are_written() -> None:
    assert names_in("12、山东甲乙有限公司（原名：聊城甲乙厂有限公司）") == ["山东甲乙有限公司", "聊城甲乙厂有限公司"]
    assert names_in("山东甲乙有限公司*") == ["山东甲乙有限公司"] and names_in("3M中国有限公司") == ["3M中国有限公司"]
    assert name_key("山東 柳河機械(集團)有限公司") == name_key("山东柳河机械（集团）有限公司")
    assert alike("聊城启岳轴承有限责任公司", "聊城启岳轴承有限公司") == ("form", 1.0)
    assert alike("聊城启岳轴承有限公司", "临清龙华机电有限公司") is None


def test_every_way_to_find_a_firm(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    listed = load(
        tmp_path, "聊城启岳轴承有限公司", "山东柳河机械(集团) 有限公司", "臨清龍華機電有限公司", "聊城旧光机械厂", "聊城启岳轴承有限责任公司", "山东柳河机械集团股份有限公司",
        ("聊城长兴食品有限公司", "聊城市临清市"), "济南无关软件有限公司", "山东新光智能装备有限公司（原聊城旧光机械厂）",
    )
    rows = rows_of(listed)
    ids = {key: firm.id for key, firm in firms.items()}
    assert [best(row) for row in rows] == [
        (ids["启岳"], "exact"), (ids["柳河"], "exact"), (ids["龙华"], "normal"), (ids["改名"], "former"), (ids["启岳"], "form"), (ids["柳河"], "form"),
        (ids["同名乙"], "exact"), None, (ids["改名"], "exact"),
    ]
    assert [row.sure for row in rows] == [1, 1, 0, 0, 0, 0, 0, 0, 1], "only one firm of the very name is proposed"
    assert (listed.title_code, listed.level, listed.batch_year, listed.stage) == ("srdi", "province", 2023, "announced")
    assert all(row.decision == "open" for row in rows) and not db.session.scalars(select(Recognition)).all()


def test_a_code_under_quite_another_name_is_not_sure(app: Flask, firms: dict[str, Enterprise]) -> None:
    code = firms["启岳"].credit_code
    right, wrong = Matcher(db.session(), ALL).match([Line("聊城启岳轴承有限责任公司", code), Line("青岛海洋生物股份有限公司", code)])
    assert right.sure and not wrong.sure and wrong.candidates[0].how == "code"


def test_nothing_is_recorded_without_confirmation(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    listed = load(tmp_path, "聊城启岳轴承有限公司", "聊城启岳轴承有限责任公司", "临清龙华机电有限公司", "济南无关软件有限公司")
    assert actions.record(listed=listed, scope=ALL, by=SYSTEM) == {"new": 0, "same": 0, "differs": 0, "refused": 0}
    assert actions.confirm_sure(listed=listed, scope=ALL, by=SYSTEM) == 2
    assert actions.mark_foreign(listed=listed, row_ids=[rows_of(listed)[3].id], by=SYSTEM) == 1
    refused = actions.record(listed=listed, scope=ALL, by=SYSTEM)
    assert refused["refused"] == 2, "no date is known yet"
    head = {name: getattr(listed, name) for name in actions.HEAD}
    told = {"announced_on": date(2023, 7, 14), "valid_from": date(2023, 7, 14), "valid_to": date(2026, 7, 13), "document": "鲁工信创〔2023〕1号"}
    actions.edit_head(listed=listed, values=head | told, version=listed.version, by=SYSTEM)
    with pytest.raises(Conflict):
        actions.edit_head(listed=listed, values=head, version=1, by=SYSTEM)
    assert actions.record(listed=listed, scope=ALL, by=SYSTEM)["new"] == 2
    assert sum(queries.count_by_town(ALL, any_level("srdi"), CountKind.STOCK, date(2024, 1, 1)).values()) == 2
    assert actions.record(listed=listed, scope=ALL, by=SYSTEM)["new"] == 0, "once more records nothing"
    assert lists.counts_of([listed.id])[listed.id] == {"sure": 0, "open": 1, "confirmed": 2, "foreign": 1, "recorded": 2}


def test_confirmed_names_are_remembered(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    listed = load(tmp_path, "聊城启岳轴承集团有限公司")
    row = rows_of(listed)[0]
    assert not row.sure
    actions.confirm(listed=listed, choices={row.id: firms["启岳"].id}, scope=ALL, by=SYSTEM)
    again = rows_of(load(tmp_path, "聊城启岳轴承 集团有限公司"))[0]
    assert (again.sure, again.enterprise_id, again.how) == (1, firms["启岳"].id, "remembered")
    actions.reopen(listed=listed, row_ids=[row.id], by=SYSTEM)
    assert db.session.scalars(select(NameMatch)).all() == []


def test_a_list_of_a_public_notice_cannot_be_recorded(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    listed = load(tmp_path, "聊城启岳轴承有限公司", title=("关于2023年度山东省专精特新中小企业的公示", None, None))
    assert listed.stage == "noticed"
    actions.confirm_sure(listed=listed, scope=ALL, by=SYSTEM)
    with pytest.raises(Conflict, match="公示不是认定"):
        actions.record(listed=listed, scope=ALL, by=SYSTEM)


def test_a_county_finds_only_its_own_firms(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    own = Scope(unit_ids=frozenset({make.area("371502").id}))
    listed = load(tmp_path, "聊城启岳轴承有限公司", "临清龙华机电有限公司", "临清龙华机电有限责任公司", scope=own)
    assert [best(row) and best(row)[1] for row in rows_of(listed)] == ["exact", None, None]
    with pytest.raises(Invalid):
        actions.confirm(listed=listed, choices={rows_of(listed)[1].id: firms["龙华"].id}, scope=own, by=SYSTEM)
    assert lists.list_lists(Scope(unit_ids=frozenset({make.area("371522").id})), None, None, 50).rows == []


def test_a_line_becomes_a_new_firm(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    from app.enterprises.actions.records import NewEnterprise
    from tests.factories.enterprises import make_credit_code

    listed = load(tmp_path, "聊城新来精密有限公司")
    row = rows_of(listed)[0]
    new = NewEnterprise(make_credit_code(999_001), row.name, make.area("371502001").id)
    firm = actions.create_firm(listed=listed, row=row, new=new, scope=ALL, by=SYSTEM)
    assert (row.decision, row.enterprise_id, row.how) == ("confirmed", firm.id, "created")


def test_firms_that_came_later_are_found_by_looking_again(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    listed = load(tmp_path, "聊城新来精密有限公司")
    make.firm(make.area("371502001"), name="聊城新来精密有限公司")
    reindex_all()
    assert actions.rematch(listed=listed, scope=ALL, by=SYSTEM) == 1 and rows_of(listed)[0].sure == 1


def test_undo_takes_the_list_away_unless_it_was_recorded(app: Flask, firms: dict[str, Enterprise], tmp_path: Path) -> None:
    from app.exchange.models import ImportBatch

    listed = load(tmp_path, "聊城启岳轴承有限公司", "临清龙华机电有限公司")
    listed.announced_on = date(2023, 7, 14)
    actions.confirm(listed=listed, choices={rows_of(listed)[0].id: firms["启岳"].id}, scope=ALL, by=SYSTEM)
    actions.record(listed=listed, scope=ALL, by=SYSTEM)
    db.session.commit()
    done = undo(db.session.get_one(ImportBatch, listed.import_id))
    assert done.undone_counts == {"undone": 1, "kept": 1} and len(rows_of(listed)) == 1


def test_a_long_list_is_matched_without_comparing_every_pair(app: Flask, firms: dict[str, Enterprise]) -> None:
    town, words = make.area("371502001"), "启岳柳河龙华长兴新光精密轴承机械食品装备智能环保纺织印染化工铸造"
    for n in range(2000):
        first, second, third = words[n % 30 : n % 30 + 2], words[(n * 7) % 28 : (n * 7) % 28 + 2], words[(n * 11) % 26 : (n * 11) % 26 + 2]
        make.firm(town, name=f"聊城{first}{second}{third}{n}有限公司")
    reindex_all()
    lines = [Line(f"聊城{words[n % 30:n % 30 + 2]}{words[(n * 7) % 28:(n * 7) % 28 + 2]}{words[(n * 11) % 26:(n * 11) % 26 + 2]}{n}有限责任公司") for n in range(3000)]
    begun = time.monotonic()
    found = Matcher(db.session(), ALL).match(lines)
    assert time.monotonic() - begun < 30
    assert sum(bool(m.candidates) and m.candidates[0].how == "form" for m in found) == 2000


def post(browser: Any, url: str, **data: Any) -> Any:
    return browser.post(url, data=data, follow_redirects=True)


def test_from_the_file_to_the_record_on_the_pages(app: Flask, firms: dict[str, Enterprise], tmp_path: Path, as_: Any) -> None:
    listed = load(tmp_path, "聊城启岳轴承有限公司", "聊城启岳轴承有限责任公司", "临清龍華機電有限公司", "聊城没有有限公司", scope=Scope(city_ids=frozenset({make.area("371500").id})))
    bureau, url = as_("bureau"), f"/ladder/lists/{listed.id}"
    assert listed.name in bureau.get("/ladder/lists").text
    assert "去确认企业" in bureau.get(f"/exchange/batches/{listed.import_id}").text
    open_rows = [row for row in rows_of(listed) if not row.sure]
    page = bureau.get(f"{url}?tab=open").text
    assert "公司类型不同 84" in page and "没有找到相近的企业" in page
    assert post(bureau, f"{url}/decide", what="confirm").status_code == 422, "nothing is ticked"
    assert "已确认 1 行" in post(bureau, f"{url}/decide", what="confirm_sure").text
    ids = [str(row.id) for row in open_rows]
    refused = post(bureau, f"{url}/decide", what="confirm", ids=ids)
    assert refused.status_code == 422 and "还没有选定企业" in refused.text
    done = post(bureau, f"{url}/decide", what="confirm", ids=ids[1], **{f"firm_{ids[1]}": str(firms["龙华"].id)})
    assert "已确认 1 行" in done.text
    assert "已标为不是我库企业 1 行" in post(bureau, f"{url}/decide", what="foreign", ids=ids[2]).text
    head = {"name": listed.name, "purpose": "announced", "stage": "announced", "title_code": "srdi", "batch_year": "2023", "version": str(listed.version)}
    told = post(bureau, f"{url}/edit", announced_on="2023-07-14", valid_to="2026-07-13", document="鲁工信创〔2023〕1号", **head)
    assert "已保存" in told.text
    assert post(bureau, f"{url}/edit", announced_on="2023-07-15", **head).status_code == 422, "somebody saved meanwhile"
    assert "登记 2 条认定" in bureau.get(f"{url}/record").text
    assert "新登记 2 条认定" in post(bureau, f"{url}/record").text
    assert "新登记 0 条认定" in post(bureau, f"{url}/record").text, "a second click records nothing"
    assert len(db.session.scalars(select(Recognition)).all()) == 2
    compared = bureau.get(f"{url}/compare").text
    assert "名称待确认" in compared and "不在企业库" in compared
    out = post(bureau, f"{url}/compare/export")
    assert out.status_code == 200 and out.data[:2] == b"PK"
    assert as_("stranger").get(url).status_code == 404 and as_("county").get(url).status_code == 404


def test_a_line_is_searched_and_a_firm_made_on_the_page(app: Flask, firms: dict[str, Enterprise], tmp_path: Path, as_: Any) -> None:
    from tests.factories.enterprises import make_credit_code

    listed = load(tmp_path, "聊城没有有限公司", scope=Scope(unit_ids=frozenset({make.area("371502").id})))
    row = rows_of(listed)[0]
    url = f"/ladder/lists/{listed.id}/rows/{row.id}"
    assert "聊城启岳轴承有限公司" in as_("county").get(f"{url}?q=启岳").text
    assert "临清龙华" not in as_("county").get(f"{url}?q=龙华").text, "another county's firm is not shown"
    assert post(as_("county"), url, credit_code="91", town_id=str(make.area("371502001").id)).status_code == 422
    done = post(as_("county"), url, credit_code=make_credit_code(999_777), town_id=str(make.area("371502001").id))
    assert "已新建“聊城没有有限公司”" in done.text
