"""Without an account: the form behind a public link, and the enterprise's own page of its demand (by a token only the receipt shows)."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from itsdangerous import BadData, URLSafeSerializer

from app.demands import actions
from app.demands.actions import Claim, Place
from app.demands.forms import PublicForm, RateForm, TextForm
from app.demands.models import Demand
from app.demands.queries import records
from app.demands.rules.policy import policy_of
from app.demands.rules.states import EVENTS, OPEN, OUTCOMES, RATINGS, STATES, TOLD, TONES
from app.demands.views._blueprint import blueprint
from app.demands.views.asking import domain_choices, moment, qr_code, words
from app.demands.views.intake import uploads
from app.infra import clock, crypto, files
from app.infra.db import db
from app.infra.web.access import commits
from app.infra.web.access import public as open_to_all
from app.kernel import credit_code
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, NotFound
from app.kernel.text import clean
from app.policies.queries import pack_of_city, speak_of

FASTEST, LONGEST_OPEN = timedelta(seconds=3), timedelta(days=2)
PUBLIC_BYTES = 5 * 1024 * 1024
CLOSED = "这个登记链接已停用或过期。请联系当地工信部门获取新的二维码，或拨打政务服务热线。"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="demand-form")


def _robot(form: PublicForm) -> str | None:
    """Why this does not look like a person, None when it does. What was typed stays on the page."""
    if form.website.data:
        return "提交没有通过校验，请清空“网址”一栏后重新提交。"
    try:
        age = clock.now() - datetime.fromisoformat(_signer().loads(form.opened.data or ""))
    except (BadData, ValueError, TypeError):
        return "页面内容不完整，已为您更新，请再点一次提交。"
    if age > LONGEST_OPEN:
        return "页面打开太久，已为您更新，内容没有丢，请再点一次提交。"
    return "提交得太快，请核对内容后再点一次提交。" if age < FASTEST else None


@blueprint.route("/public/<token>", methods=["GET", "POST"])
@open_to_all
@commits
def public(token: str) -> Any:
    """The form of a poster."""
    link = records.find_link(token)
    if link is None:
        raise NotFound(CLOSED)
    speak_of(link.city_id)
    pack, form, status = pack_of_city(link.city_id), PublicForm(), 200
    form.offer(domain=[("", "请选择（可不选）"), *domain_choices(pack)])
    if form.is_submitted():
        status = 422
        if form.validate():
            answer = _submit(form, Place(link.city_id, link.unit_id), policy_of(pack).public_per_hour)
            if not isinstance(answer, int):
                return answer
            status = answer
    form.opened.data = _signer().dumps(clock.now().isoformat())
    return render_template("demands/public.html", form=form, link=link, pack=pack), status


def _submit(form: PublicForm, place: Place, per_hour: int) -> Any:
    """The redirect to the receipt, or the status of a refusal (its words stand on the form)."""
    problem = _robot(form)
    if problem:
        form.put_error("text", problem)
        form.website.data = ""
        return 422
    ip_mark = crypto.mark(f"demand {request.remote_addr or ''}")
    if actions.rate_limited(ip_mark, clock.now() - timedelta(hours=1), per_hour):
        form.put_error("text", "这个网络一小时内登记的诉求太多，内容没有丢，请一小时后再提交，或拨打政务服务热线。")
        return 429
    name, code = clean(form.name.data or ""), credit_code.normalize(form.code.data or "")[:18] or None
    by = Actor(None, f"{clean(form.contact_name.data or '')[:40]}（{name[:30]}）", via="public")
    try:
        made = actions.raise_demand(
            enterprise_id=None, text=form.text.data or "", domain=form.domain.data or None, source="public", by=by, contact_name=form.contact_name.data,
            contact_phone=form.contact_phone.data, consent=True, claim=Claim(place, name, code, ip_mark),
        )
    except DomainError as error:
        db.session.rollback()
        form.put_error(error.field, error.message_zh)
        return 422
    flash(f"已收到，受理编号 {made.number}。请保存本页链接或截图，凭它查看进展、补充和评价。", "ok")
    return redirect(url_for("demands.track", token=made.token), 303)


def _own(token: str) -> Demand:
    demand = records.find_by_token(token)
    if demand is None:
        raise NotFound("没有找到这件诉求。请核对链接是否完整，或向受理单位询问。")
    return demand


@blueprint.get("/track/<token>")
@open_to_all
def track(token: str) -> str:
    """The enterprise's own page: where its demand stands, what was answered, what it may do."""
    return _tracked(_own(token))


def _tracked(demand: Demand, text_form: TextForm | None = None, rate_form: RateForm | None = None, opened: str = "") -> str:
    said, around = words(pack_of_city(demand.city_id)), records.around(demand.id)
    text_form, rate_form = text_form or TextForm(None, version=demand.version), rate_form or RateForm(None, version=demand.version)
    late = demand.closed_at is not None and clock.now() > demand.closed_at + timedelta(days=said.policy.reopen_days)
    address = url_for("demands.track", token=demand.token, _external=True)
    return render_template(
        "demands/track.html", demand=demand, words=said, told=[one for one in around.events if one.kind in TOLD], events=EVENTS, states=STATES, tones=TONES,
        outcomes=OUTCOMES, ratings=RATINGS, moment=moment, text_form=text_form, rate_form=rate_form, opened=opened,
        files=[(one, stored) for one, stored in around.files if one.told], open=demand.state in OPEN, enterprise=records.enterprise_of(demand),
        may_reopen=demand.state in ("answered", "closed") and not late, may_rate=demand.state in ("answered", "closed"),
        qr=qr_code(address, f"诉求 {demand.number}"), address=address,
    )


@blueprint.post("/track/<token>/<deed>")
@open_to_all
@commits
def track_do(token: str, deed: str) -> Any:
    """Add, rate, reopen or withdraw as the enterprise."""
    demand = _own(token)
    by = Actor(None, f"{demand.contact_name or '企业'}（企业）"[:80], via="public")
    form: Any = RateForm() if deed == "rate" else TextForm()
    if deed not in ("supplement", "rate", "reopen", "withdraw"):
        raise NotFound("没有这个操作，请从页面上的按钮办理。")
    if form.validate():
        try:
            flash(_deed(demand, deed, form, by), "ok")
            return redirect(url_for("demands.track", token=token), 303)
        except DomainError as error:
            db.session.rollback()
            form.put_error(error.field, error.message_zh)
            demand = _own(token)
    form.version.data = demand.version
    forms = {"rate_form": form} if deed == "rate" else {"text_form": form}
    return _tracked(demand, opened=deed, **forms), 422


def _deed(demand: Demand, deed: str, form: Any, by: Actor) -> str:
    version, text = form.version_number(), form.text.data or ""
    if deed == "rate":
        mark = int(form.rating.data) if form.rating.data in ("1", "2", "3", "4", "5") else 0
        return _said(actions.rate_demand(demand=demand, rating=mark, note=text, via="link", version=version, by=by), "谢谢您的评价。")
    if deed == "reopen":
        return _said(actions.reopen_demand(demand=demand, reason=text, version=version, by=by, by_enterprise=True), "已要求重办，承办部门会再次联系您。")
    if deed == "withdraw":
        return _said(actions.withdraw_demand(demand=demand, reason=text, version=version, by=by), "已撤回。")
    stored = uploads(None, most=3, max_bytes=PUBLIC_BYTES)
    changed = actions.supplement(demand=demand, text=text, by=by)
    if stored and changed:
        actions.add_files(demand=demand, files=stored, told=True, by=by)
    return _said(changed, "已补充，承办部门会看到。")


def _said(changed: bool, words_zh: str) -> str:
    return words_zh if changed else "刚才已经收到，没有重复登记。"


@blueprint.get("/track/<token>/files/<file_token>")
@open_to_all
def track_file(token: str, file_token: str) -> Any:
    """A paper meant for the enterprise."""
    stored = records.get_file(_own(token).id, file_token, told=True)
    return send_file(files.path_of(stored.sha256), "application/octet-stream", as_attachment=True, download_name=stored.name)
