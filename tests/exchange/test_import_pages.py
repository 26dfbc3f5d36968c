"""The officer's way through the pages: upload, columns, preview, apply, progress, refused rows, undo; and who sees which batch."""

import io
from pathlib import Path
from typing import Any

from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.enterprises.models import Enterprise
from app.exchange.models import ImportBatch
from app.identity.models import User
from app.infra import jobs
from app.infra.db import db
from app.kernel.actor import Actor
from tests.exchange.importing import sheet
from tests.factories.enterprises import make_credit_code, make_enterprise

A, B, C = (make_credit_code(n) for n in range(1, 4))
HEAD = ["企业名称", "统一社会信用代码", "县区", "镇街", "法定代表人"]
ROWS = [HEAD, ["聊城甲有限公司", A, "东昌府区", "柳园", "张三"], ["乙公司", B, "东昌府区", "没有的镇", None], ["<b>丙</b>", C, None, None, None]]


def send(browser: Any, tmp_path: Path, rows: Any = ROWS, kind: str = "enterprises", name: str = "名单.xlsx") -> TestResponse:
    data = {"file": (io.BytesIO(sheet(tmp_path / "x.xlsx", rows).read_bytes()), name), "author": "王五", "on": "2023-12-01"}
    answer: TestResponse = browser.post(f"/exchange/{kind}/new", data=data, content_type="multipart/form-data")
    return answer


def work_all() -> None:
    """What the worker would do with everything that is waiting."""
    db.session.rollback()
    while (context := jobs.claim("试验")) is not None:
        jobs.run_claimed(context, "试验")
        db.session.expire_all()
    db.session.rollback()


def upload(browser: Any, tmp_path: Path, **more: Any) -> str:
    answer = send(browser, tmp_path, **more)
    assert answer.status_code == 303, answer.text
    work_all()
    return str(answer.headers["Location"])


def latest() -> ImportBatch:
    db.session.expire_all()
    return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()  # type: ignore[return-value]


def test_the_whole_way(app: Flask, as_: Any, pages: Any, tmp_path: Path) -> None:
    browser, page = as_("county"), pages("county")
    assert "导入企业名单" in page.get("/exchange/").text
    assert "选择文件" in page.get("/exchange/enterprises/new").text
    where = upload(browser, tmp_path)
    text = page.get(where, statements=20).text
    assert "没有找到这个镇街" in text and "新企业没有填写乡镇" in text
    raw = browser.get(where).text
    assert "&lt;b&gt;丙&lt;/b&gt;" in raw and "<b>丙</b>" not in raw
    for tab in ("created", "updated", "unchanged", "rejected"):
        page.get(f"{where}?tab={tab}", statements=20)
    for _ in range(2):  # double click
        assert browser.post(f"{where}/apply", data={"plan": latest().plan_hash}).status_code == 303
    assert "正在导入" in page.get(where, statements=20).text
    fragment = browser.get(f"{where}/progress", headers={"HX-Request": "true"})
    assert 'hx-trigger="load delay:1s"' in fragment.text
    work_all()
    done = browser.get(f"{where}/progress", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == where and not done.text
    assert "天内可以撤回" in page.get(where, statements=20).text
    row = db.session.scalars(select(Enterprise)).one()
    assert (row.credit_code, row.source_author) == (A, "王五")
    assert "撤回" in page.get(f"{where}/undo", statements=60).text  # one for each table that names firms


def test_refused_rows_come_back_as_the_same_table_with_reasons(app: Flask, as_: Any, tmp_path: Path) -> None:
    browser = as_("county")
    where = upload(browser, tmp_path)
    answer = browser.post(f"{where}/rejected")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == HEAD and "退回原因" in rows[0]
    assert [row[0] for row in rows[1:]] == ["乙公司", "<b>丙</b>"]


def test_corrected_refused_rows_can_be_uploaded_as_they_are(app: Flask, as_: Any, tmp_path: Path) -> None:
    browser = as_("county")
    where = upload(browser, tmp_path)
    data = {"file": (io.BytesIO(browser.post(f"{where}/rejected").data), "退回的行.xlsx")}
    assert browser.post("/exchange/enterprises/new", data=data, content_type="multipart/form-data").status_code == 303
    work_all()
    assert latest().counts["rows"] == 2


def test_an_unclear_header_is_asked_once_and_remembered(app: Flask, as_: Any, pages: Any, tmp_path: Path) -> None:
    browser, rows = as_("county"), [["单位", "信用编码", "在哪个镇"], ["聊城甲有限公司", A, "东昌府区柳园街道"]]
    where = upload(browser, tmp_path, rows=rows)
    assert latest().state == "mapping"
    assert "信用编码" in pages("county").get(where, statements=20).text
    wrong = browser.post(f"{where}/columns", data={"column_0": "name", "column_1": "", "column_2": "town"})
    assert wrong.status_code == 422 and "统一社会信用代码" in wrong.text
    right = {"column_0": "name", "column_1": "credit_code", "column_2": "town"}
    assert browser.post(f"{where}/columns", data=right).status_code == 303
    work_all()
    assert (latest().state, latest().counts["created"]) == ("planned", 1)
    upload(browser, tmp_path, rows=rows, name="第二份.xlsx")
    assert (latest().state, latest().counts["created"]) == ("planned", 1)


def test_a_refused_file_says_what_to_do(app: Flask, as_: Any, pages: Any) -> None:
    browser = as_("county")
    data = {"file": (io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "旧.xls")}
    answer = browser.post("/exchange/enterprises/new", data=data, content_type="multipart/form-data")
    work_all()
    assert latest().state == "refused"
    assert "重新上传" in pages("county").get(answer.headers["Location"], statements=20).text


def test_an_upload_without_a_file_or_with_an_empty_one_keeps_the_form(app: Flask, as_: Any) -> None:
    browser = as_("county")
    assert browser.post("/exchange/enterprises/new", data={"author": "王五"}).status_code == 422
    data = {"file": (io.BytesIO(b""), "空.xlsx")}
    answer = browser.post("/exchange/enterprises/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422 and "空" in answer.text


def test_batches_are_seen_by_their_owner_and_by_those_of_his_area(app: Flask, as_: Any, pages: Any, tmp_path: Path) -> None:
    where = upload(as_("county"), tmp_path)
    assert "聊城甲有限公司" in as_("bureau").get(f"{where}?tab=created").text
    for stranger in ("stranger", "stranger_city", "zone"):
        assert as_(stranger).get(where).status_code == 404
        assert "名单.xlsx" not in pages(stranger).get("/exchange/").text
        for step in ("apply", "undo", "cancel", "rejected", "columns", "retry"):
            assert as_(stranger).post(f"{where}/{step}").status_code == 404
    assert as_("bureau").post(f"{where}/apply", data={"plan": latest().plan_hash}).status_code == 403
    assert as_("town").get("/exchange/").status_code == 403


def test_rows_outside_the_county_show_nothing_of_the_firm(app: Flask, as_: Any, tmp_path: Path) -> None:
    make_enterprise("莘县秘密有限公司", code=A, town="371522001", legal_person="秘密人")
    where = upload(as_("county"), tmp_path, rows=[["统一社会信用代码", "法定代表人"], [A, "李四"]])
    text = as_("county").get(where).text
    assert "不在您的管辖范围内" in text and "秘密" not in text


def test_undo_through_the_pages(app: Flask, as_: Any, tmp_path: Path) -> None:
    browser = as_("county")
    make_enterprise()  # number 1 belongs to a persona
    where = upload(browser, tmp_path)
    browser.post(f"{where}/apply", data={"plan": latest().plan_hash})
    work_all()
    for _ in range(2):
        assert browser.post(f"{where}/undo").status_code == 303
    work_all()
    assert latest().state == "undone"
    assert db.session.scalars(select(Enterprise).where(Enterprise.credit_code == A)).first() is None
    assert "已于" in browser.get(where).text


def test_templates_can_be_filled_in_and_uploaded(app: Flask, as_: Any) -> None:
    for kind in ("enterprises", "figures", "recognitions"):
        answer = as_("county").get(f"/exchange/{kind}/template")
        assert answer.status_code == 200
        data = {"file": (io.BytesIO(answer.data), "模板.xlsx")}
        assert as_("county").post(f"/exchange/{kind}/new", data=data, content_type="multipart/form-data").status_code == 303
        work_all()
        assert (latest().state, latest().counts["rows"]) == ("planned", 0), latest().refused_zh
    assert as_("county").get("/exchange/nothing/template").status_code == 404


def test_giving_up_and_a_stopped_job(app: Flask, as_: Any, tmp_path: Path) -> None:
    browser = as_("county")
    where = upload(browser, tmp_path)
    assert browser.post(f"{where}/cancel").status_code == 303
    assert latest().state == "cancelled"
    assert "已放弃" in browser.get(where).text
    user = db.session.scalars(select(User).where(User.login == "county")).one()
    send(browser, tmp_path)
    job = db.session.get_one(jobs.Job, latest().job_id)
    job.state, job.error_zh = "failed", "后台多次中断"
    db.session.commit()
    where = f"/exchange/batches/{latest().id}"
    assert "后台多次中断" in browser.get(where).text
    assert browser.post(f"{where}/retry").status_code == 303
    work_all()
    assert latest().state == "planned"
    assert Actor(user.id, user.name).user_id == latest().created_by
