"""Accounts of others: list, create, edit, posts, disable, reset, unlock. Everything within the administrator's reach."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm

from app.identity.actions import accounts as actions
from app.identity.forms import EVERYWHERE, AccountForm, EditAccountForm, PostDatesForm, PostForm
from app.identity.models import User
from app.identity.queries import accounts as queries
from app.identity.queries import list_posts
from app.identity.roles import INSTALLATION, PLACES, ROLES
from app.identity.rules import Authority
from app.identity.views._blueprint import blueprint
from app.infra.db import db
from app.infra.web import pagination
from app.infra.web.access import commits, current_actor, current_reach, has, requires
from app.kernel.errors import DomainError, Forbidden
from app.kernel.permission import Permission
from app.kernel.scope import Scope


def authority(permission: Permission = Permission.USER_EDIT) -> Authority:
    """What the signed-in administrator may do with accounts."""
    return Authority(
        current_user.user_id, current_reach(permission), current_user.grants.assignable, current_app.config["SETTINGS"].separate_admins
    )


@blueprint.get("/users/")
@requires(Permission.USER_VIEW)
def accounts() -> Any:
    """Accounts in reach, with today's posts."""
    reach, arguments = current_reach(Permission.USER_VIEW), request.args
    area = arguments.get("area_id", "")
    wanted = queries.AccountFilter(
        arguments.get("q", "").strip()[:60], arguments.get("role", ""), arguments.get("state", ""),
        int(area) if area.isdigit() and len(area) < 10 else None,
    )
    size = pagination.page_size(arguments.get("size"))
    page = queries.list_accounts(reach, wanted, pagination.decode(arguments.get("cursor"), (str,)), size)
    return render_template(
        "identity/accounts.html", page=page, wanted=wanted, states=queries.STATES, roles=[(r.code, r.label) for r in ROLES.values()],
        places=[(a.id, a.name) for a in queries.list_places(reach) if a.kind in ("province", "city", "county", "zone")],
    )


def _place_choices(reach: Scope) -> list[tuple[int | str, str]]:
    everywhere = [(EVERYWHERE, f"{PLACES[INSTALLATION]}（整个系统）")] if reach.everything else []
    return [*everywhere, *((a.id, f"{a.code} {a.name}") for a in queries.list_places(reach))]


def _organisation_choices(reach: Scope) -> list[tuple[int | str, str]]:
    return [("", "—"), *((one.id, one.name) for one in queries.list_organisations(reach))]


def _home(chosen: int | str | None) -> int | None:
    """The home area of a form; None = all cities."""
    return chosen if isinstance(chosen, int) else None


@blueprint.route("/users/new", methods=["GET", "POST"])
@requires(Permission.USER_EDIT)
@commits
def new_account() -> Any:
    """A new account; its one-time password is shown once, here."""
    form, who = AccountForm(), authority()
    secret = actions.new_secret() if form.is_submitted() else None
    form.area_id.choices = _place_choices(who.reach)
    if secret and form.validate():
        try:
            user = actions.create_account(
                login=form.login.data or "", name=form.name.data or "", area_id=_home(form.area_id.data), secret=secret, authority=who,
                by=current_actor(),
            )
            return render_template("identity/secret.html", user=user, secret=secret.plain, fresh=True)
        except DomainError as error:
            _refuse(form, error)
    return render_template("identity/account_new.html", form=form), 422 if form.is_submitted() else 200


def _refuse(form: FlaskForm, error: DomainError) -> None:
    """Undo, and put the reason where the person looks."""
    db.session.rollback()
    if error.field and error.field in form:
        form[error.field].errors = [error.message_zh]
    else:
        flash(error.message_zh, "bad")


@blueprint.get("/users/<int:user_id>")
@requires(Permission.USER_VIEW)
def account(user_id: int) -> Any:
    """One account with all its posts."""
    return _page(queries.get_account(current_reach(Permission.USER_VIEW), user_id))


def _page(user: User, status: int = 200, **forms: FlaskForm) -> Any:
    who = authority()
    problem = actions.why_not_manage(user, who)
    may_edit, may_assign = (has(p) and not problem for p in (Permission.USER_EDIT, Permission.ROLE_ASSIGN))
    edit_form = forms.get("edit_form") or EditAccountForm(
        None, data={"area_id": user.area_id or EVERYWHERE, "name": user.name, "organisation_id": user.organisation_id},
    )
    post_form = forms.get("post_form") or PostForm(None)
    if may_edit or may_assign:
        choices = _place_choices(who.reach)
        edit_form.area_id.choices, post_form.area_id.choices = choices, [("", "—"), *choices]
        edit_form.organisation_id.choices = _organisation_choices(who.reach)
        post_form.role_code.choices = [("", "请选择"), *_role_choices(who)]
        edit_form.area_id.id = edit_form.area_id.label.field_id = "home-area"
    posts = list_posts(user.id)
    row = queries.AccountRow(user.id, user.login, user.name, None, user.disabled_at, user.locked_until, user.last_login_at,
                             tuple(p for p in posts if p.current))
    return render_template(
        "identity/account.html", user=user, posts=posts, problem=problem, may_edit=may_edit, may_assign=may_assign, edit_form=edit_form,
        post_form=post_form, state=row.state, states=queries.STATES, home=queries.find_place(current_reach(Permission.USER_VIEW), user.area_id or 0),
        assignable=who.assignable,
    ), status


def _role_choices(who: Authority) -> list[tuple[str, str]]:
    return [(r.code, f"{r.label}（{'、'.join(PLACES[p] for p in r.places)}）") for r in ROLES.values() if r.code in who.assignable]


def _act(user_id: int, permission: Permission, act: Callable[[User, Authority], Any], done: str, key: str = "", form: FlaskForm | None = None) -> Any:
    """Lock the account, act, go back; on a refusal show the page again with the input and the reason."""
    who = authority(permission)
    user = queries.get_account(who.reach, user_id, lock=True)
    if form is None or form.validate():
        try:
            act(user, who)
            flash(done, "ok")
            return redirect(url_for("identity.account", user_id=user.id), 303)
        except Forbidden:
            raise
        except DomainError as error:
            _refuse(form if form and key else FlaskForm(), error)
            status = error.status
    else:
        status = 422
        for message in [] if key else [m for messages in form.errors.values() for m in messages]:
            flash(message, "bad")
    user = queries.get_account(who.reach, user_id)
    return _page(user, status, **({key: form} if form and key else {}))


@blueprint.post("/users/<int:user_id>/edit")
@requires(Permission.USER_EDIT)
@commits
def edit_account(user_id: int) -> Any:
    """Name, home area, department or office."""
    form = EditAccountForm()
    form.area_id.choices, form.organisation_id.choices = _place_choices(authority().reach), _organisation_choices(authority().reach)
    return _act(user_id, Permission.USER_EDIT, lambda user, who: actions.edit_account(
        user, name=form.name.data or "", area_id=_home(form.area_id.data), version=form.version_number(), authority=who, by=current_actor(),
        organisation_id=_home(form.organisation_id.data),
    ), "账号信息已保存。", "edit_form", form)


@blueprint.post("/users/<int:user_id>/disable")
@requires(Permission.USER_EDIT)
@commits
def disable_account(user_id: int) -> Any:
    """No more signing in."""
    return _act(user_id, Permission.USER_EDIT, lambda user, who: actions.disable(user, authority=who, by=current_actor()),
                "账号已停用，所有设备上的登录已退出。")


@blueprint.post("/users/<int:user_id>/enable")
@requires(Permission.USER_EDIT)
@commits
def enable_account(user_id: int) -> Any:
    """Signing in is possible again."""
    return _act(user_id, Permission.USER_EDIT, lambda user, who: actions.enable(user, authority=who, by=current_actor()), "账号已启用。")


@blueprint.post("/users/<int:user_id>/unlock")
@requires(Permission.USER_EDIT)
@commits
def unlock_account(user_id: int) -> Any:
    """End a lock before its time."""
    return _act(user_id, Permission.USER_EDIT, lambda user, who: actions.unlock(user, authority=who, by=current_actor()), "账号已解锁。")


@blueprint.post("/users/<int:user_id>/reset")
@requires(Permission.USER_EDIT)
@commits
def reset_account(user_id: int) -> Any:
    """A new one-time password, shown once. It is hashed before the account is locked."""
    secret, who = actions.new_secret(), authority()
    user = queries.get_account(who.reach, user_id, lock=True)
    actions.reset_password(user, secret=secret, authority=who, by=current_actor())
    return render_template("identity/secret.html", user=user, secret=secret.plain, fresh=False)


@blueprint.post("/users/<int:user_id>/posts")
@requires(Permission.ROLE_ASSIGN)
@commits
def add_post(user_id: int) -> Any:
    """Give a role."""
    form, who = PostForm(), authority(Permission.ROLE_ASSIGN)
    form.area_id.choices = [("", "—"), *_place_choices(who.reach)]
    form.role_code.choices = [("", "请选择"), *_role_choices(who)]
    return _act(user_id, Permission.ROLE_ASSIGN, lambda user, who: actions.add_post(
        user, role_code=form.role_code.data or "", place=actions.Place(
            _home(form.area_id.data), form.team_id.data, form.credit_code.data or "", form.area_id.data == EVERYWHERE,
        ),
        valid_from=form.valid_from.data, valid_to=form.valid_to.data, authority=who, by=current_actor(),
    ), "职务已添加。", "post_form", form)


@blueprint.post("/users/<int:user_id>/posts/<int:post_id>/dates")
@requires(Permission.ROLE_ASSIGN)
@commits
def set_post_dates(user_id: int, post_id: int) -> Any:
    """How long a role is held."""
    form = PostDatesForm()
    return _act(user_id, Permission.ROLE_ASSIGN, lambda user, who: actions.set_post_dates(
        user, post_id, valid_from=form.valid_from.data, valid_to=form.valid_to.data, authority=who, by=current_actor(),
    ), "职务期限已修改。", "", form)


@blueprint.post("/users/<int:user_id>/posts/<int:post_id>/end")
@requires(Permission.ROLE_ASSIGN)
@commits
def end_post(user_id: int, post_id: int) -> Any:
    """The role ends at once."""
    return _act(user_id, Permission.ROLE_ASSIGN, lambda user, who: actions.end_post(user, post_id, authority=who, by=current_actor()),
                "职务已结束。")
