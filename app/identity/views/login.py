"""Sign in, sign out, health."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, session
from flask_login import current_user
from sqlalchemy import select

from app.identity import actions, guard, queries
from app.identity.forms import LoginForm
from app.identity.rules import FAILURES_PER_IP, safe_next
from app.identity.views._blueprint import blueprint
from app.infra.db import db
from app.infra.web.access import commits, public, signed_in

LEFT_SECONDS = 30 * 24 * 3600
REFUSED = "登录名或密码不正确，或账号已停用、暂时锁定。连续输错 5 次将锁定 15 分钟；初始密码 14 天内有效。忘记密码请联系本单位系统管理员重置。"
"""One answer for every failure: nobody learns which logins exist."""


@blueprint.route("/login", methods=["GET", "POST"])
@public
@commits
def login() -> Any:
    """The only page that asks for a password. Who is signed in already goes on."""
    form = LoginForm()
    if form.next.data is None or not form.is_submitted():
        form.next.data = _next_argument()
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data) or "/")
    if not form.validate_on_submit():
        return render_template("identity/login.html", form=form), 422 if form.is_submitted() else 200
    token = _try(form)
    if token is None:
        form.password.data = None
        return render_template("identity/login.html", form=form, refused=REFUSED), 401
    guard.enter(token)
    return redirect(safe_next(form.next.data) or "/", 303)


def _next_argument() -> str:
    from flask import request

    return safe_next(request.args.get("next")) or ""


def _try(form: LoginForm) -> str | None:
    """Compare the password (no lock held), then open the session in one writing transaction."""
    browser = guard.browser()
    if browser.ip and queries.count_failures_from(browser.ip) >= FAILURES_PER_IP:
        abort(429)
    checked = actions.check_login(form.login.data or "", form.password.data or "")
    return actions.sign_in(checked, browser=browser, lifetime=guard.lifetime())


@blueprint.post("/logout")
@signed_in
@commits
def logout() -> Any:
    """End this browser's session; the cookie is worthless from now on."""
    actions.sign_out(current_user.session_id, login=current_user.login, user_id=current_user.user_id, browser=guard.browser())
    session.clear()
    flash("您已退出登录。", "ok")
    response = redirect("/login", 303)
    # told to the phone form: it forgets the enterprises, also where no service worker stands between (no secret, gone with the next visit there)
    response.set_cookie("yumiao_left", "1", max_age=LEFT_SECONDS, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


@blueprint.get("/health")
@public
def health() -> Any:
    """For load balancers: 200 when the database answers, else 503; no details."""
    db.session.execute(select(1))
    return {"status": "ok"}
