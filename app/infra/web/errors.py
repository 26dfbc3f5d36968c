"""Errors as pages, fragments or JSON: always Chinese, always with the request id, never a stack trace, never lost input advice."""

import sqlite3

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from app.infra.db import db
from app.infra.web.access import wants_fragment
from app.infra.web.assets import NotBuilt, not_built
from app.kernel.errors import DomainError

TITLES = {
    400: "请求有误", 401: "需要登录", 403: "没有权限", 404: "没有找到", 405: "操作方式不对", 409: "内容已被别人修改", 413: "内容太大",
    415: "文件类型不支持", 422: "填写的内容有问题", 429: "操作太频繁", 500: "系统出错", 503: "暂时繁忙",
}
HINTS = {
    400: "请返回上一页检查后重试。", 403: "如工作需要，请联系本单位系统管理员开通。", 404: "可能已删除，或不在您的管辖范围内。",
    405: "请从页面上的按钮进行操作。", 413: "请缩小文件或拆分后再试。", 429: "请稍等一分钟再试。",
    500: "您的数据没有改动。请把事件编号告诉系统管理员。", 503: "数据库正忙，您的数据没有改动，请几秒后重试。",
}


def answer(status: int, message: str | None = None, code: str | None = None) -> Response:
    """One error in the form the caller understands."""
    message = message or HINTS.get(status) or "请返回上一页重试。"
    title = TITLES.get(status, "出错了")
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        body = {"type": "about:blank", "title": title, "status": status, "detail": message, "code": code, "request_id": g.get("request_id")}
        response = jsonify(body)
        response.content_type = "application/problem+json"
    elif wants_fragment():
        response = _drawn("_errors/fragment.html", status, title, message)
    else:
        response = _drawn("_errors/page.html", status, title, message)
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response


def _drawn(template: str, status: int, title: str, message: str) -> Response:
    """The error as HTML; without a built front end the page that names the command (its own error must not end as a bare 500)."""
    try:
        return make_response(render_template(template, status=status, title=title, message=message, request_id=g.get("request_id", "-")))
    except NotBuilt as missing:
        return not_built(missing)


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(DomainError)
    def domain(error: DomainError) -> Response:
        db.session.rollback()
        return answer(error.status, error.message_zh, error.code)

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> Response:
        return answer(400, "页面停留太久，安全校验已过期。请刷新页面后重新提交；已填写的内容可先复制保存。", "csrf")

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> Response:
        db.session.rollback()
        app.logger.warning("database unavailable", exc_info=error)
        if isinstance(error.orig, sqlite3.OperationalError) and "readonly" in str(error.orig):
            return answer(500)
        return answer(503)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        if isinstance(error, SecurityError):  # a Host header we do not trust: nothing can be linked from here
            return Response("请使用本系统的正式网址访问。", 400, mimetype="text/plain")
        response = answer(error.code)
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        db.session.rollback()
        app.logger.exception("unhandled error")
        return answer(500)
