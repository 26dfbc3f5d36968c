"""The API described: an OpenAPI document made from the routes, their first lines and the shape of a visit."""

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import Rule

from app.visits.rules.reading import SHAPE

TITLE, VERSION = "育苗 手机接口", "1.0"
SERVER_SETS = ("client_key", "complete")
"""Fields of a draft that are not read from the body: the key comes in a header, what the API stores is complete."""
PROBLEM = {
    "type": "object", "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}, "code": {"type": "string"},
        "request_id": {"type": "string"},
        "problems": {"type": "array", "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}},
    },
}
REFUSALS = {"401": "没有登录或登录已过期", "403": "没有权限", "404": "没有找到", "409": "内容冲突", "422": "内容有误", "429": "太频繁", "503": "暂时繁忙"}
HEADERS = (
    ("Idempotency-Key", True, "设备给出的提交编号（8 到 80 个字母、数字、连字符）；同一编号重复提交只保存一条"),
    ("X-CSRFToken", True, "GET /api/v1/session 给出的表单令牌"), ("Yumiao-User", False, "填写人的账号编号；与登录账号不同则拒绝"),
)


def visit_schema() -> dict[str, Any]:
    """The body of a visit as JSON Schema."""
    schema = SHAPE.json_schema(ref_template="#/components/schemas/{model}")
    for name in SERVER_SETS:
        schema["properties"].pop(name)
    return schema


def openapi(rules: Iterable[Rule], describe: Any) -> dict[str, Any]:
    """The whole document. ``describe(endpoint)``: (first line of the view, permission or word of access)."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in rules:
        path = rule.rule.replace("<int:", "{").replace(">", "}")
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            summary, access = describe(rule.endpoint)
            paths.setdefault(path, {})[method.lower()] = _operation(rule, method, summary, access)
    visit = visit_schema()
    parts = visit.pop("$defs", {})
    return {
        "openapi": "3.1.0", "info": {"title": TITLE, "version": VERSION}, "paths": paths,
        "components": {
            "schemas": {"Visit": visit, "Problem": PROBLEM, **parts},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "yumiao"}},
        },
        "security": [{"session": []}],
    }


def _operation(rule: Rule, method: str, summary: str, access: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in sorted(rule.arguments)
    ]
    found: dict[str, Any] = {"operationId": rule.endpoint.rpartition(".")[2], "summary": summary, "x-permission": access}
    done: dict[str, Any] = {"200": {"description": "成功"}}
    if method == "POST":
        parameters += [{"name": n, "in": "header", "required": needed, "description": text, "schema": {"type": "string"}} for n, needed, text in HEADERS]
        form = {"type": "object", "properties": {
            "visit": {"type": "string", "contentMediaType": "application/json", "description": "Visit"},
            "photos": {"type": "array", "items": {"type": "string", "format": "binary"}},
        }}  # fmt: skip
        found["requestBody"] = {"required": True, "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Visit"}}, "multipart/form-data": {"schema": form},
        }}  # fmt: skip
        done = {"201": {"description": "已保存"}, "200": {"description": "同一编号已保存过，没有重复保存"}}
    if rule.endpoint == "api.enterprises":
        parameters.append({"name": "q", "in": "query", "required": False, "schema": {"type": "string"}})
    refusals = {status: {"description": text, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
                for status, text in REFUSALS.items()}  # fmt: skip
    return found | {"parameters": parameters, "responses": {**done, **refusals}}
