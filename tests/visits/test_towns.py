"""A town sees how many visits there were, no names; the number leads the officer to exactly its visits."""

from flask import Flask

from app.infra import clock
from app.infra.db import db
from tests.factories.enterprises import make_enterprise, town_id
from tests.factories.visits import make_visit


def test_a_town_sees_numbers_and_no_names(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    mine, other = make_enterprise(name="柳泉轴承有限公司"), make_enterprise(name="古楼轴承有限公司", town="371502001")
    for firm, times in ((mine, 2), (other, 3)):
        for _ in range(times):
            make_visit(firm, visited_on=clock.today())
    db.session.commit()
    page = as_("town").get("/visits/towns").text
    assert "柳园街道" in page and ">2<" in page.replace(" ", "") and "古楼" not in page and "柳泉轴承" not in page
    officer = as_("county").get("/visits/towns").text
    assert f"town={town_id()}" in officer
    listed = as_("county").get(f"/visits/?town={town_id()}&since={clock.today().year}-01-01").text
    assert "共 2 次" in listed.replace("符合条件", "共") and "古楼轴承" not in listed
    assert as_("provider").get("/visits/towns").status_code == 403
