"""What the phone is told, and that a visit sent again under the same key is stored once."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from app.infra import files
from app.infra.db import db
from app.infra.files import StoredFile
from app.visits.models import Visit, VisitPhoto
from tests.factories.visits import photo_bytes
from tests.personas import Browser
from tests.visits.samples import firm

KEY = "0f9c2d1e-aaaa-4bbb-8ccc-123456789abc"
GPS = {0x8825: {1: "N", 2: (36.0, 27.0, 0.0)}, 0x0112: 6}


def visits() -> int:
    return db.session.scalar(select(func.count()).select_from(Visit)) or 0


def send(browser: Browser, said: dict[str, object], *, key: str = KEY, photos: tuple[bytes, ...] = (), **headers: str):  # type: ignore[no-untyped-def]
    parts = [(BytesIO(photo), f"{n}.jpg") for n, photo in enumerate(photos)]
    return browser.post(
        "/api/v1/visits", data={"visit": json.dumps(said), "photos": parts}, content_type="multipart/form-data",
        headers={"Idempotency-Key": key, "Accept": "application/json", **headers},
    )


def test_a_visit_sent_again_is_stored_once(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    expert, said = as_("expert"), {"enterprise_id": firm().id, "visited_on": "2026-05-06", "summary": "一句话。"}
    first = send(expert, said, photos=(photo_bytes(),))
    again = send(expert, said, photos=(photo_bytes(),))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"] and again.json["repeated"] and visits() == 1
    other = send(expert, said | {"summary": "改过的一句话。"}, photos=(photo_bytes(),))
    assert other.status_code == 409 and other.json["code"] == "visit_key_used" and other.json["visit"]["id"] == first.json["id"] and visits() == 1
    assert db.session.scalars(select(Visit.via)).one() == "api"


def test_refusals_name_every_field_in_chinese(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    expert, id_ = as_("expert"), firm().id
    refused = send(expert, {"enterprise_id": id_, "visited_on": "2999-01-01", "summary": "", "findings": [{"text": " "}]})
    assert refused.status_code == 422 and refused.mimetype == "application/problem+json"
    assert {p["field"] for p in refused.json["problems"]} == {"visited_on", "summary", "findings.0.text"}
    assert send(expert, {"enterprise_id": id_, "nonsense": 1}).json["problems"][0]["field"] == "nonsense"
    assert send(expert, {"enterprise_id": id_}, key="短").json["code"] == "idempotency_key"
    assert expert.post("/api/v1/visits", data="[", content_type="application/json", headers={"Idempotency-Key": KEY}).status_code == 422
    assert visits() == 0


def test_photos_lose_what_the_camera_wrote_and_are_upright_and_small(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CameraMaker"
    exif.get_ifd(0x8825)[2] = (36.0, 27.0, 0.0)
    said = {"enterprise_id": firm().id, "visited_on": "2026-05-06", "summary": "一句话。"}
    assert send(as_("expert"), said, photos=(photo_bytes(3000, 2000, exif=exif), photo_bytes(kind="PNG"))).status_code == 201
    kept = db.session.scalars(select(VisitPhoto).order_by(VisitPhoto.id)).all()
    assert [(p.width, p.height) for p in kept] == [(1067, 1600), (40, 30)]
    for stored in db.session.scalars(select(StoredFile)):
        data = Path(files.path_of(stored.sha256)).read_bytes()
        assert b"CameraMaker" not in data and not Image.open(BytesIO(data)).getexif()


@pytest.mark.parametrize(("data", "code"), [
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "photo_unreadable"), (b"MZ\x90\x00", "photo_unreadable"),
    (photo_bytes()[:200], "photo_unreadable"), (b"\xff\xd8\xff\xe0" + b"0" * 200, "photo_unreadable"), (b"", "photo_unreadable"),
    (photo_bytes(kind="GIF"), "photo_unreadable"), (photo_bytes(12_000, 12_000, kind="PNG"), "photo_too_many_pixels"),
], ids=["svg", "program", "cut", "noise", "empty", "gif", "bomb"])
def test_what_is_no_photo_is_refused_and_nothing_is_stored(app: Flask, as_, data: bytes, code: str) -> None:  # type: ignore[no-untyped-def]
    refused = send(as_("expert"), {"enterprise_id": firm().id, "visited_on": "2026-05-06", "summary": "一句话。"}, photos=(data,))
    assert refused.status_code == 422 and refused.json["code"] == code and visits() == 0


def test_another_person_on_the_same_phone_stores_nothing_in_his_name(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    said = {"enterprise_id": firm().id, "visited_on": "2026-05-06", "summary": "一句话。"}
    refused = send(as_("expert"), said, **{"Yumiao-User": "424242"})
    assert refused.status_code == 409 and refused.json["code"] == "other_user" and visits() == 0


def test_a_token_is_needed_and_a_stranger_hears_401(app: Flask, as_, client) -> None:  # type: ignore[no-untyped-def]
    assert as_("expert").post("/api/v1/visits", json={}, csrf=False).json["code"] == "csrf"
    answer = client.get("/api/v1/session")
    assert answer.status_code == 401 and answer.json["code"] == "signed_out"


def test_the_phone_is_told_the_firms_of_its_user_only(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    mine = firm()
    expert, county = as_("expert"), as_("county")
    told = expert.get("/api/v1/enterprises").json
    assert [one["id"] for one in told["enterprises"]] == [mine.id]
    assert county.get("/api/v1/enterprises").json["enterprises"] == []
    assert [one["id"] for one in county.get("/api/v1/enterprises?q=柳泉").json["enterprises"]] == [mine.id]
    assert as_("stranger").get("/api/v1/enterprises?q=柳泉").json["enterprises"] == []
    choices = expert.get("/api/v1/visit-form").json["choices"]
    assert [one["code"] for one in choices["stages"]] == ["production", "sales", "management", "culture"]


def test_the_document_tells_every_route_and_the_guide_names_it(app: Flask, as_) -> None:  # type: ignore[no-untyped-def]
    document = as_("expert").get("/api/v1/openapi.json").json
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            path = rule.rule.replace("<int:", "{").replace(">", "}")
            for method in (rule.methods or set()) & {"GET", "POST"}:
                assert document["paths"][path][method.lower()]["summary"], path
                assert f"{method} {path}" in guide, f"docs/api.md does not tell of {method} {path}"
    visit = document["components"]["schemas"]["Visit"]["properties"]
    assert "findings" in visit and "client_key" not in visit and all(f"`{name}`" in guide for name in visit)
