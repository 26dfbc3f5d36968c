"""Official lists (公布名单): whose line it is, confirmed one by one or in bulk; recording what was confirmed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.enterprises.actions.records import NewEnterprise
from app.enterprises.queries import quick_search
from app.enterprises.queries.places import places
from app.infra.web.access import commits, current_actor, current_scope, requires
from app.infra.web.forms import Form, WholeNumber
from app.infra.web.pagination import page_size
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.permission import Permission
from app.ladder.actions import lists as actions
from app.ladder.forms import LEVELS, show_problems
from app.ladder.models import OfficialList
from app.ladder.models.lists import DECISIONS, HOWS, PURPOSES
from app.ladder.queries import lists
from app.ladder.queries.lists import TABS
from app.ladder.views._blueprint import blueprint
from app.ladder.views.asking import TitleWords, title_words

TAB_WORDS = {"sure": "名称一致，待确认", "open": "需要核对", "confirmed": "已确认", "foreign": "不是我库企业"}
STAGES = {"announced": "正式公布", "noticed": "公示（不能登记认定）"}
DONE_ZH = {"confirm": "已确认", "foreign": "已标为不是我库企业", "reopen": "已恢复为待确认"}


class HeadForm(Form):
    """What a list is about."""

    name = StringField("名单名称", [InputRequired("请填写名单名称。"), Length(max=200, message="名称不能超过 200 字。")])
    purpose = SelectField("用途", choices=list(PURPOSES.items()), description="公布名单按批次比对并可登记认定；有效名单按某一天的存量比对。")
    stage = SelectField("性质", choices=list(STAGES.items()))
    title_code = SelectField("称号", [Optional()])
    level = SelectField("级别", choices=LEVELS, default="")
    batch_year = WholeNumber("批次年度", [Optional()])
    as_of = DateField("名单截至日", [Optional()], description="有效名单按这一天比对，不填按今天。")
    announced_on = DateField("公布日期", [Optional()])
    document = StringField("文号", [Optional(), Length(max=120, message="文号不能超过 120 字。")])
    valid_from = DateField("有效期起", [Optional()])
    valid_to = DateField("有效期止", [Optional()], description="以文件为准；有期限的称号不填则不计入存量。")
    version = WholeNumber("版本", [InputRequired()])

    def offer(self, pack: TitleWords) -> None:
        self.title_code.choices = [("", "未指定"), *((title.code, title.label) for title in pack.titles())]

    def said(self, pack: TitleWords) -> dict[str, Any]:
        values = {name: self[name].data for name in actions.HEAD}
        title = pack.find_title(values["title_code"] or "")
        values["level"] = values["level"] or (str(title.level) if title is not None and title.level else "")
        values |= {"batch_year": values["batch_year"] or 0, "title_code": values["title_code"] or None, "document": (values["document"] or "").strip() or None}
        return values


class FirmForm(Form):
    """A firm the list names and we do not have."""

    credit_code = StringField("统一社会信用代码", [InputRequired("请填写 18 位统一社会信用代码。"), Length(max=40)])
    town_id = SelectField("所在镇街", [InputRequired("请选择镇街。")], coerce=str)


def _user() -> int | None:
    return current_user.user_id if current_user.is_authenticated else None


def get(list_id: int, *, lock: bool = False) -> OfficialList:
    return lists.get_list(current_scope(), _user(), list_id, lock=lock)


@blueprint.get("/lists")
@requires(Permission.RECOGNITION_EDIT)
def official_lists() -> str:
    """All lists in reach with how far each is."""
    page = lists.list_lists(current_scope(), _user(), request.args.get("cursor"), page_size(request.args.get("size")))
    return render_template("ladder/lists.html", page=page, pack=title_words(), purposes=PURPOSES, stages=STAGES)


@blueprint.get("/lists/of-import/<int:import_id>")
@requires(Permission.RECOGNITION_EDIT)
def list_of_import(import_id: int) -> Any:
    """The list an import made."""
    found = lists.find_by_import(import_id)
    if found is None:
        raise NotFound("这次导入没有名单，可能已撤回。请从公布名单重新进入。")
    return redirect(url_for("ladder.official_list", list_id=get(found).id))


@blueprint.get("/lists/<int:list_id>")
@requires(Permission.RECOGNITION_EDIT)
def official_list(list_id: int) -> str:
    """Lines by tab with ranked candidates; what recording would do."""
    listed = get(list_id)
    counts = lists.counts_of([listed.id])[listed.id]
    given = request.args.get("tab", "")
    tab = given if given in TABS else next((t for t in TABS if counts[t]), "sure")
    page = lists.page_rows(listed.id, tab, request.args.get("cursor"), page_size(request.args.get("size"), 100), counts[tab])
    firms = lists.firms_of(current_scope(), lists.candidate_ids(page.rows))
    return render_template(
        "ladder/list.html", listed=listed, counts=counts, tab=tab, tabs=TAB_WORDS, page=page, firms=firms, hows=HOWS, decisions=DECISIONS, stages=STAGES,
        pack=title_words(), purposes=PURPOSES, places=places(), ready=counts["confirmed"] - counts["recorded"],
    )


@blueprint.post("/lists/<int:list_id>/decide")
@requires(Permission.RECOGNITION_EDIT)
@commits
def decide_lines(list_id: int) -> Any:
    """The chosen lines: confirmed with the chosen firm, not ours, or open again."""
    listed, what, by = get(list_id, lock=True), request.form.get("what", ""), current_actor()
    ids = [int(text) for text in request.form.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 16]
    if what == "confirm_sure":
        done, what = actions.confirm_sure(listed=listed, scope=current_scope(), by=by), "confirm"
    elif not ids:
        raise Invalid("ids", "没有勾选任何一行。请先勾选要处理的行。")
    elif what == "confirm":
        done = actions.confirm(listed=listed, choices=_choices(listed.id, ids), scope=current_scope(), by=by)
    elif what in ("foreign", "reopen"):
        done = {"foreign": actions.mark_foreign, "reopen": actions.reopen}[what](listed=listed, row_ids=ids, by=by)
    else:
        raise Invalid("what", "请选择要做的操作。")
    flash(f"{DONE_ZH[what]} {done} 行。", "ok")
    tab = request.form.get("tab", "")
    return redirect(url_for("ladder.official_list", list_id=listed.id, tab=tab if tab in TABS else None), 303)


def _choices(list_id: int, ids: list[int]) -> dict[int, int]:
    """Line -> firm: the one chosen beside the line, else its likeliest candidate."""
    found = {}
    for row_id in ids:
        text = request.form.get(f"firm_{row_id}", "")
        if text.isascii() and text.isdigit() and len(text) < 16:
            found[row_id] = int(text)
            continue
        candidates = lists.get_row(list_id, row_id).candidates
        if not candidates:
            raise Invalid("firm", "有勾选的行还没有选定企业。请打开那一行查找企业，或标为不是我库企业。")
        found[row_id] = candidates[0][0]
    return found


@blueprint.route("/lists/<int:list_id>/edit", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def edit_list(list_id: int) -> Any:
    """What the list is about: title, batch, dates, purpose."""
    listed, pack = get(list_id), title_words()
    form = HeadForm(obj=listed)
    form.offer(pack)
    back = url_for("ladder.official_list", list_id=listed.id)
    if form.validate_on_submit():
        try:
            actions.edit_head(listed=listed, values=form.said(pack), version=form.version.data or 0, by=current_actor())
            flash(f"已保存“{listed.name}”的名单信息。", "ok")
            return redirect(back, 303)
        except DomainError as error:
            show_problems(form, [(error.field or "", error.message_zh)])
    return render_template("ladder/list_edit.html", form=form, listed=listed, back=back), 422 if form.errors else 200


@blueprint.post("/lists/<int:list_id>/rematch")
@requires(Permission.RECOGNITION_EDIT)
@commits
def rematch_list(list_id: int) -> Any:
    """Look for the firms of open lines again."""
    listed = get(list_id, lock=True)
    done = actions.rematch(listed=listed, scope=current_scope(), by=current_actor())
    flash(f"已重新查找企业，{done} 行有变化。", "ok")
    return redirect(url_for("ladder.official_list", list_id=listed.id), 303)


@blueprint.route("/lists/<int:list_id>/record", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def record_list(list_id: int) -> Any:
    """What recording the confirmed lines would do; then do it."""
    if request.method == "POST":
        listed = get(list_id, lock=True)
        done = actions.record(listed=listed, scope=current_scope(), by=current_actor(), correcting=request.form.get("correcting") == "1")
        told = f"新登记 {done['new']} 条认定，{done['same']} 条系统中已有且一致，{done['differs']} 条内容不同，{done['refused']} 条未能登记。"
        flash(told, "ok" if not done["refused"] else "warn")
        return redirect(url_for("ladder.official_list", list_id=listed.id, tab="confirmed"), 303)
    listed = get(list_id)
    plans = actions.plan_recording(listed)
    groups = {name: [p for p in plans if p.outcome == name] for name in ("new", "same", "differs", "refused")}
    firms = lists.firms_of(current_scope(), {p.row.enterprise_id for p in plans if p.row.enterprise_id})
    return render_template("ladder/list_record.html", listed=listed, groups=groups, firms=firms, pack=title_words(), shown=200)


@blueprint.route("/lists/<int:list_id>/rows/<int:row_id>", methods=["GET", "POST"])
@requires(Permission.RECOGNITION_EDIT)
@commits
def list_line(list_id: int, row_id: int) -> Any:
    """One line: its candidates, a search in our base, or a new firm."""
    listed = get(list_id)
    row, form, scope = lists.get_row(listed.id, row_id), FirmForm(), current_scope()
    form.town_id.choices = [("", "请选择"), *((str(key), name) for key, name in places().town_choices(scope))]
    if form.validate_on_submit() and (name := _created(listed, row, form)):
        flash(f"已新建“{name}”并确认这一行。", "ok")
        return redirect(url_for("ladder.official_list", list_id=listed.id, tab="open"), 303)
    text = request.args.get("q", row.name if not row.candidates else "")[:100]
    found = quick_search(scope, text, 20) if text.strip() else []
    page = render_template(
        "ladder/list_line.html", listed=listed, row=row, form=form, text=text, found=found, hows=HOWS, decisions=DECISIONS,
        firms=lists.firms_of(scope, lists.candidate_ids([row])), places=places(),
    )
    return page, 422 if form.errors else 200


def _created(listed: OfficialList, row: Any, form: FirmForm) -> str | None:
    try:
        new = NewEnterprise(form.credit_code.data or "", row.name, int(form.town_id.data or 0))
        return actions.create_firm(listed=listed, row=row, new=new, scope=current_scope(), by=current_actor()).name
    except DomainError as error:
        show_problems(form, [(error.field or "", error.message_zh)])
        return None


