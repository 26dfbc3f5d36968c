"""Pages are sent compressed to browsers that take gzip, and as they are to others."""

import gzip

from flask import Flask, Response
from flask.testing import FlaskClient

from app.infra.web import compression


def client(body: str, mimetype: str = "text/html", **headers: str) -> FlaskClient:
    app = Flask("test_compression")
    compression.init_app(app)
    app.add_url_rule("/", "index", lambda: Response(body, mimetype=mimetype, headers=headers))
    return app.test_client()


PAGE = "<p>聊城民营企业梯度培育</p>" * 200


def test_a_page_is_compressed_for_a_browser_that_takes_it() -> None:
    answer = client(PAGE).get("/", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data).decode() == PAGE and int(answer.headers["Content-Length"]) == len(answer.data)


def test_others_get_it_as_it_is_and_caches_are_told() -> None:
    for accepted in ("", "identity", "gzip;q=0"):
        answer = client(PAGE).get("/", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer.headers and answer.text == PAGE
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_small_answers_files_and_compressed_ones_are_left_alone() -> None:
    accepts = {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" not in client("短").get("/", headers=accepts).headers
    assert "Content-Encoding" not in client(PAGE, "image/png").get("/", headers=accepts).headers
    assert client(PAGE, **{"Content-Encoding": "br"}).get("/", headers=accepts).text == PAGE


def test_a_head_request_says_the_length_of_the_page_it_stands_for() -> None:
    answer = client(PAGE).head("/", headers={"Accept-Encoding": "gzip"})
    assert answer.data == b""
