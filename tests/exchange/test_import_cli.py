"""``flask enterprises|recognitions|figures import``: JSON exactly as promised, standard output clean, exit codes, a dry run changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.enterprises.models import Enterprise, EnterpriseYear
from app.exchange.models import ImportBatch, ImportRow, ImportUndo
from app.infra.audit import AuditRow
from app.infra.db import db
from app.infra.files import StoredFile
from app.ladder.models import Recognition
from tests.exchange.importing import sheet
from tests.factories.enterprises import make_credit_code

ROOT = Path(__file__).resolve().parents[2]
A, B, C = (make_credit_code(n) for n in range(1, 4))
ROWS = [
    ["企业名单"], ["企业名称", "统一社会信用代码", "镇街"], ["聊城甲有限公司", A, "东昌府区柳园街道"], ["乙公司", B, "没有的镇"], [],
    [None, C, "东昌府区柳园街道"], ["合计", 3],
]


def run(app: Flask, *words: str) -> tuple[int, Any, str]:
    """Exit code, parsed standard output, standard error."""
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=list(words))
    db.session.rollback()
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else result.stdout, result.stderr


def counts(*models: type) -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(m)) or 0 for m in models]


def test_json_of_an_import_with_refused_rows(app: Flask, tmp_path: Path) -> None:
    code, answer, _ = run(app, "enterprises", "import", str(sheet(tmp_path / "a.xlsx", ROWS)), "--json")
    assert code == 0
    assert {k: answer[k] for k in ("rows", "created", "updated", "unchanged")} == {"rows": 3, "created": 1, "updated": 0, "unchanged": 0}
    assert [(r["row"], r["column"], r["code"]) for r in answer["rejected"]] == [(4, "镇街", "town_unknown"), (6, "企业名称", "name_missing")]
    assert all(r["message"] for r in answer["rejected"])
    assert answer["rows"] == answer["created"] + answer["updated"] + answer["unchanged"] + len(answer["rejected"])
    assert run(app, "enterprises", "import", str(tmp_path / "a.xlsx"), "--json")[1]["unchanged"] == 1
    assert db.session.scalars(select(AuditRow.actor_name).where(AuditRow.type == "import.applied")).first() == "系统"


def test_a_dry_run_says_the_same_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    path = str(sheet(tmp_path / "a.xlsx", ROWS))
    before = counts(Enterprise, ImportBatch, ImportRow, ImportUndo, StoredFile, AuditRow)
    code, answer, _ = run(app, "enterprises", "import", path, "--dry-run", "--json")
    assert (code, answer["created"]) == (0, 1)
    assert counts(Enterprise, ImportBatch, ImportRow, ImportUndo, StoredFile, AuditRow) == before


def test_a_refused_file_exits_with_2(app: Flask, tmp_path: Path) -> None:
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    nothing = sheet(tmp_path / "b.xlsx", [["姓名", "电话"], ["张三", "1"]])
    for path in (bad, nothing, tmp_path / "没有.xlsx"):
        code, answer, errors = run(app, "enterprises", "import", str(path), "--json")
        assert code == 2 and answer["refused"]["code"] and answer["refused"]["message"] in errors
    assert counts(Enterprise) == [0]


def test_figures_and_recognitions(app: Flask, tmp_path: Path) -> None:
    run(app, "enterprises", "import", str(sheet(tmp_path / "a.xlsx", ROWS)))
    figures = sheet(tmp_path / "f.xlsx", [["统一社会信用代码", "营业收入（万元）"], [A, 100], [B, 5]])
    code, answer, _ = run(app, "figures", "import", str(figures), "--year", "2023", "--source", "department", "--json")
    assert (code, answer["created"], answer["rejected"][0]["code"]) == (0, 1, "enterprise_unknown")
    assert db.session.scalars(select(EnterpriseYear.source)).all() == ["department"]
    grants = sheet(tmp_path / "g.xlsx", [["企业名称", "称号", "级别", "公布日期"], ["聊城甲有限公司", "瞪羚企业", "省级", "2023-07-14"]])
    code, answer, _ = run(app, "recognitions", "import", str(grants), "--json")
    assert (code, answer["created"], counts(Recognition)) == (0, 1, [1])
    assert run(app, "figures", "import", str(figures), "--year", "二〇二三", "--json")[0] == 2


def test_csv_in_gbk(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(f"企业名称,统一社会信用代码,镇街\r\n聊城甲有限公司,{A},东昌府区柳园街道\r\n".encode("gbk"))
    assert run(app, "enterprises", "import", str(path), "--json")[1]["created"] == 1


def test_standard_output_of_the_real_command_carries_only_the_json(app: Flask, tmp_path: Path) -> None:
    settings = app.config["SETTINGS"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("YUMIAO")} | {
        "YUMIAO_DATA_DIR": str(tmp_path / "data"), "YUMIAO_DATABASE_URL": settings.database_url, "YUMIAO_SECRET_KEY": "s" * 40, "FLASK_APP": "wsgi:app",
    }
    db.session.remove()
    command = [sys.executable, "-m", "flask", "enterprises", "import", str(sheet(tmp_path / "a.xlsx", ROWS)), "--json"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["created"] == 1
