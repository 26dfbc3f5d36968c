"""One's own account: profile, password, sessions."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from app.identity import actions, guard, queries
from app.identity.forms import PasswordForm
from app.identity.models import OUTCOMES
from app.identity.rules import PROFILES
from app.identity.views._blueprint import blueprint
from app.infra.web.access import commits, current_actor, signed_in
from app.kernel.errors import Invalid


@blueprint.get("/account")
@signed_in
def profile() -> Any:
    """Who I am, which posts I hold, what they allow."""
    return render_template("identity/profile.html", posts=queries.list_posts(current_user.user_id))


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
@commits
def password() -> Any:
    """Change one's own password; forced at first sign-in and after a reset. Every other browser is signed out."""
    form = PasswordForm()
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate() and _change(form):
            flash("密码已修改，其他设备上的登录已全部退出。", "ok")
            return redirect("/", 303)
    profile = PROFILES[current_app.config["SETTINGS"].password_profile]
    return render_template("identity/password.html", form=form, rules=profile), status


def _change(form: PasswordForm) -> bool:
    """Both hashes are computed before the first writing statement."""
    profile = current_app.config["SETTINGS"].password_profile
    checked = actions.check_login(current_user.login, form.current.data or "")
    try:
        new = actions.hash_new(form.new.data or "", user_id=current_user.user_id, login=current_user.login, profile=profile)
    except Invalid as error:
        if checked.right:
            form.new.errors = [error.message_zh]
            return False
        new = None
    if not actions.confirm(checked, browser=guard.browser()) or new is None:
        form.current.errors = ["现用密码不正确；连续输错 5 次账号将锁定 15 分钟。"]
        return False
    actions.change_password(current_user.user_id, new, must_change=False, by=current_actor())
    guard.enter(actions.open_session(current_user.user_id, browser=guard.browser(), lifetime=guard.lifetime()))
    return True


@blueprint.get("/account/sessions")
@signed_in
def sessions() -> Any:
    """Where I am signed in, and the last attempts on my account."""
    rows = queries.list_sessions(current_user.user_id, guard.idle_time())
    return render_template("identity/sessions.html", rows=rows, logins=queries.list_own_logins(current_user.user_id), outcomes=OUTCOMES)


@blueprint.post("/account/sessions/<int:session_id>/revoke")
@signed_in
@commits
def revoke_session(session_id: int) -> Any:
    """Sign out one of my browsers."""
    actions.revoke_session(session_id, user_id=current_user.user_id, login=current_user.login, browser=guard.browser())
    flash("该设备上的登录已注销。", "ok")
    return redirect(url_for("identity.sessions"), 303)


@blueprint.post("/account/display")
@signed_in
@commits
def display() -> Any:
    """Remember the large type for every device I sign in from."""
    large = request.form.get("large") == "1"
    actions.set_large_type(current_user.user_id, large)
    response = redirect(url_for("identity.profile"), 303)
    response.set_cookie("yumiao_text", "large" if large else "normal", max_age=31536000, samesite="Lax",
                        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))
    flash("已改为大字版。" if large else "已改为标准字号。", "ok")
    return response
