"""The web server prepares what its workers share before they are forked; a database that does not answer must not stop it."""

from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket

from app.infra.db import db
from app.infra.web import warming


def test_no_connection_is_left_open_for_the_fork(app: Flask) -> None:
    with app.app_context():
        db.session.connection()
        db.session.remove()
        warming.warm(app)
        assert "Current Checked out connections: 0" in db.engine.pool.status() and "Connections in pool: 1" not in db.engine.pool.status()


def test_every_registered_warmer_runs_inside_the_application(app: Flask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    seen: list[str] = []
    monkeypatch.setattr(warming, "_warmers", [lambda: seen.append(str(db.engine.url.database))])
    warming.warm(app)
    assert len(seen) == 1


def test_a_database_that_does_not_answer_only_makes_the_start_colder(app: Flask, monkeypatch, caplog) -> None:  # type: ignore[no-untyped-def]
    from sqlalchemy import text

    monkeypatch.setattr(warming, "_warmers", [lambda: db.session.execute(text("SELECT * FROM no_such_table"))])
    warming.warm(app)
    assert "not warmed up" in caplog.text


def test_compiled_templates_are_kept_and_a_full_disk_does_not_matter(app: Flask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    app.jinja_env.get_template("identity/login.html")
    assert list((Path(app.config["DATA_DIR"]) / "compiled").rglob("*.cache"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    bucket = Bucket(app.jinja_env, "x", "y")
    bucket.code = compile("1", "x", "eval")
    app.jinja_env.bytecode_cache.dump_bytecode(bucket)
