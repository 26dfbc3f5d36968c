"""What makes the product installable on a phone: manifest, service worker, and the page for addresses that need a network.

All three are the same for everybody and open to everybody: they hold nothing of any person.
"""

import hashlib
import json
from typing import Any

from flask import Response, render_template, request, url_for

from app.infra.web.access import public
from app.infra.web.assets import asset, asset_preloads, assets
from app.infra.web.templating import PRODUCT, PRODUCT_LONG
from app.workbench._blueprint import blueprint

KEPT = ("app.css", "phone.css", "phone.js", "favicon.svg", "icon-192.png", "icon-512.png")
"""Files of the form that works without a network."""


@blueprint.get("/offline")
@public
def offline() -> str:
    """Shown by the service worker instead of a page that needs a network."""
    return render_template("workbench/offline.html")


@blueprint.get("/manifest.webmanifest")
@public
def web_manifest() -> Response:
    """Name, icons and start of the installed form."""
    icons = [
        {"src": asset(f"icon-{side}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": use}
        for side in (192, 512) for use in ("any", "maskable")
    ]  # fmt: skip
    told: dict[str, Any] = {
        "name": f"{PRODUCT} 登记走访", "short_name": PRODUCT, "description": PRODUCT_LONG, "lang": "zh-CN", "start_url": url_for("visits.phone"),
        "scope": f"{request.script_root}/", "display": "standalone", "background_color": "#f3f5f8", "theme_color": "#12233a", "icons": icons,
    }
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """The worker, told which files it keeps; its version is the hash of all of it, so that a new build is a new worker."""
    files = [url_for("visits.phone"), url_for("workbench.offline"), *(asset(name) for name in KEPT), *asset_preloads("phone.js")]
    body = (assets().dist / assets().manifest()["files"]["sw.js"]).read_text(encoding="utf-8")
    pages = "".join(render_template(name) for name in ("visits/phone.html", "workbench/offline.html"))
    version = hashlib.sha256(f"{files}{body}{pages}".encode()).hexdigest()[:16]
    return Response(f"self.PRECACHE={json.dumps({'version': version, 'files': files})};\n{body}", mimetype="text/javascript")
