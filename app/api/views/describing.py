"""The API tells what it can do."""

from typing import Any

from flask import current_app

from app.api.document import openapi
from app.api.views._blueprint import blueprint
from app.infra.web.access import signed_in


@blueprint.get("/openapi.json")
@signed_in
def document() -> dict[str, Any]:
    """This description (OpenAPI 3.1)."""

    def describe(endpoint: str) -> tuple[str, str]:
        view = current_app.view_functions[endpoint]
        return (view.__doc__ or "").strip().partition("\n")[0], str(getattr(view, "access", ""))

    rules = sorted((r for r in current_app.url_map.iter_rules() if r.endpoint.startswith("api.")), key=lambda r: r.rule)
    return openapi(rules, describe)
