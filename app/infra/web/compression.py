"""Pages leave compressed when the browser takes gzip: a list of 74 kB becomes 8 kB. Built files are compressed beforehand (``assets``).

A page holds a CSRF token beside texts a stranger may have chosen. Guessing it from compressed lengths needs a signed-in browser to load the
page at the stranger's will; the session cookie is SameSite=Lax and pages forbid framing, so such requests arrive without a session.
"""

import gzip

from flask import Flask, Response, request

SMALLEST, LEVEL = 1_400, 4
"""One network packet is not worth it; higher levels cost more time than they save."""
TYPES = frozenset({"text/html", "application/json", "text/csv"})


def compress(response: Response) -> Response:
    """Replace the body by its gzip form where that is allowed and worth it."""
    if response.mimetype not in TYPES or response.direct_passthrough or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data() if request.accept_encodings["gzip"] > 0 and response.status_code == 200 else b""
    if len(body) >= SMALLEST:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response


def init_app(app: Flask) -> None:
    """Compress after everything else has looked at the answer."""
    app.after_request(compress)
