"""``flask ladder``: criteria on the command line. Facts come from the database, or from a file without one."""

import json
import statistics
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.areas import queries as areas
from app.enterprises.models import Enterprise
from app.enterprises.queries import find_by_code
from app.infra import clock
from app.infra.db import db
from app.infra.settings import pack_dir, settings
from app.kernel.errors import DomainError, Invalid, NotFound
from app.kernel.scope import ALL
from app.ladder import criteria
from app.ladder.actions.verdicts import forget_all, rebuild_steps
from app.ladder.criteria.mass import record_of
from app.ladder.exports import impact as impact_rows
from app.ladder.exports import verdicts as verdict_rows
from app.ladder.queries import diagnoses
from app.ladder.queries import impact as impact_queries
from app.ladder.queries import verdicts as stored
from app.ladder.queries.facts import known_of
from app.ladder.rules.impact import KINDS
from app.packs import Pack, Problem, read_pack
from app.packs.lint_criteria import declared_facts
from app.packs.yaml_source import read_source
from app.policies.queries import active_pack

group = AppGroup("ladder", help="梯度培育：认定条件比对")
REFUSED = 2
DEFAULT_CITY = "liaocheng"


@group.command("diagnose")
@click.argument("credit_code", required=False)
@click.option("--facts", "file", type=click.Path(path_type=Path), help="情况文件（YAML），不用数据库；数据项名称见 docs/howto/add-a-rule-version.md")
@click.option("--all", "everyone", is_flag=True, help="全部企业、全部可及称号，写入 --out 指定的文件")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="结果文件：.xlsx、.csv 或 .jsonl")
@click.option("--title", help="称号代码，如 srdi；不写时比对全部可及称号（--facts 时先看文件里的 title）")
@click.option("--type", "application", type=click.Choice(["new", "review"]), help="new 新申报，review 复核；默认已持有的按复核，其余按新申报")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天的条件、称号和年度（默认今天；--facts 时默认文件里的 as_of）")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天已登记的数据（默认现在）")
@click.option("--city", help="政策包名称（只用于 --facts，默认文件里的 city，再默认 liaocheng）")
@click.option("--region", help="区划代码，决定用哪个地方的版本（只用于 --facts）")
@click.option("--rule", help="直接指定条件版本代码，如 srdi_2022（可用于未启用的版本）")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
def diagnose(
    credit_code: str | None, file: Path | None, everyone: bool, out: Path | None, title: str | None, application: str | None,
    as_of: datetime | None, known_on: datetime | None, city: str | None, region: str | None, rule: str | None, as_json: bool,
) -> None:
    """Compare an enterprise, a situation or everybody with the criteria of titles. Exit status 2 when the question cannot be answered."""
    try:
        if sum((credit_code is not None, file is not None, everyone)) != 1:
            raise Invalid("question", "请写一个统一社会信用代码，或 --facts 文件，或 --all --out 文件，三者选一。")
        if everyone:
            _everyone(out, title, application, as_of, known_on)
            return
        if credit_code is not None:
            found = firm_answers(
                credit_code, title=title, application=application, as_of=as_of and as_of.date(), known_on=known_on and known_on.date(), rule=rule,
            )
        else:
            assert file is not None
            found = answers(
                _load(file), title=title, application=application, as_of=as_of, city=city, region=region, rule=rule,
            )
    except DomainError as error:
        _refuse(error.message_zh, as_json)
    if as_json:
        data = [one.as_json() for one in found]
        click.echo(json.dumps(data[0] if title is not None or rule is not None or len(data) == 1 else data, ensure_ascii=False))
    else:
        click.echo("\n\n".join(_text(one) for one in found))


def firm_answers(
    credit_code: str, *, title: str | None = None, application: str | None = None, as_of: date | None = None, known_on: date | None = None,
    rule: str | None = None,
) -> list[criteria.Diagnosis]:
    """Diagnoses of a stored enterprise: of one title, or of every title within reach. Raises NotFound."""
    wanted = credit_code.strip().upper()
    firm = find_by_code(ALL, wanted)
    if firm is None:
        raise NotFound(f"没有统一社会信用代码为“{wanted[:40]}”的企业，请核对代码，或先在企业库登记。")
    known = diagnoses.known_firm(firm.id, as_of=as_of or clock.today(), known_on=known_on)
    if rule is not None:
        return [diagnoses.diagnose_rule(known, rule, application)]
    if title is None:
        return diagnoses.diagnose_known(known, application=application)
    return diagnoses.diagnose_known(known, titles=_titles(known.pack, title), application=application)


def _everyone(out: Path | None, title: str | None, application: str | None, as_of: datetime | None, known_on: datetime | None) -> None:
    """Every enterprise x every title, written while it is worked out."""
    if out is None:
        raise Invalid("out", "请用 --out 写明结果文件（.xlsx、.csv 或 .jsonl）。", "out")
    day = as_of.date() if as_of is not None else clock.today()
    rows = verdict_rows.every_row(title=title, application=application, as_of=day, known_on=known_on and known_on.date())
    count = verdict_rows.write(out, rows)
    click.echo(f"已写入 {count} 行：{out}（{day}）。{criteria.DISCLAIMER}", err=True)


@group.command("verdicts")
@click.option("--state", is_flag=True, help="只看存储的结果截至哪一天")
@click.option("--fresh", is_flag=True, help="先清空再全部重算（平时只写有变化的）")
@click.option("--one", "ones", type=int, help="只量一家企业全部条件的比对用时（取前若干家），不写入")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON：秒数和家数")
def verdicts(state: bool, fresh: bool, ones: int | None, as_json: bool) -> None:
    """Work out every verdict of every rule now and store it; pages then count at once."""
    if ones is not None:
        click.echo(json.dumps(_time_one(ones)))
        return
    if not state:
        if fresh:
            forget_all()
            db.session.commit()
        started, total = time.perf_counter(), 0
        for total in rebuild_steps():
            db.session.commit()
            if not as_json:
                click.echo(f"\r已比对 {total} 家", nl=False, err=True)
        db.session.commit()
        if as_json:
            click.echo(json.dumps({"seconds": time.perf_counter() - started, "enterprises": total}))
            return
        click.echo(f"\r已比对 {total} 家企业的全部认定条件。", err=True)
    for stamp in stored.stamps(ALL):
        click.echo(f"{stamp.city_id}\t{stamp.day}\t{'最新' if stamp.current else stamp.text}\t{stamp.enterprises}")


def _time_one(count: int) -> dict[str, float]:
    """Median milliseconds of every verdict of every rule for one enterprise, facts loaded."""
    known = known_of(list(db.session.scalars(select(Enterprise.id).order_by(Enterprise.id).limit(max(1, count)))), as_of=clock.today())
    times = []
    for one in known.values():
        plan = stored.layout_of(one.pack, one.facts.as_of)
        started = time.perf_counter()
        record_of(plan, one.facts, one.held, one.judgements)
        times.append((time.perf_counter() - started) * 1000)
    return {"ms": statistics.median(times) if times else 0.0, "enterprises": len(times)}


def answers(
    data: Any, *, title: str | None = None, application: str | None = None, as_of: datetime | None = None, city: str | None = None,
    region: str | None = None, rule: str | None = None,
) -> list[criteria.Diagnosis]:
    """Diagnoses of a situation given as plain data: of one title, or of every title that has criteria."""
    head = data if isinstance(data, dict) else {}
    pack = read_pack(str(city or head.get("city") or DEFAULT_CITY), pack_dir())
    if as_of is not None and isinstance(data, dict):
        data = {**data, "as_of": as_of.date()}
    if application is not None and isinstance(data, dict):
        data = {key: value for key, value in data.items() if key != "type"} | {"application": application}
    situation = criteria.read_facts(
        data, as_of=clock.today(), application=application, region=region or pack.area_code,
        title_codes={one.code: one.label for one in pack.content.titles}, find_title=lambda text: pack.match_title(text).title_code,
        declared=declared_facts(pack.content), parameter_codes={one.code for rule_ in pack.content.criteria for one in rule_.parameters},
    )
    if rule is not None:
        version = criteria.get_version(pack, rule, region=region or situation.region, overrides=situation.parameters)
        return [_ask(pack, situation, version)]
    return [_one(pack, code, situation, region) for code in _titles(pack, title or situation.title)]


def _titles(pack: Pack, title: str | None) -> list[str]:
    known = list(dict.fromkeys(one.title for one in pack.content.criteria))
    if title is None:
        return known
    code = title if pack.find_title(title) else pack.match_title(title).title_code
    if code is None:
        raise Invalid("title_unknown", f"不认识称号“{title[:40]}”，有认定条件的称号：{'、'.join(known)}。", "title")
    return [code]


def _one(pack: Pack, title: str, situation: criteria.Situation, region: str | None) -> criteria.Diagnosis:
    kind, as_of = situation.application or "new", situation.facts.as_of
    version = criteria.choose_version(
        pack, title, application=kind, on=as_of, region=region or situation.region, overrides=situation.parameters,
    )
    if version is None:
        return criteria.no_verdict(title, pack.title_label(title), kind, as_of, criteria.no_version_reason(pack, title, kind, as_of))
    return _ask(pack, situation, version)


def _ask(pack: Pack, situation: criteria.Situation, version: criteria.Version) -> criteria.Diagnosis:
    return criteria.diagnose(
        situation.facts, version, application=situation.application or "new", judgements=situation.judgements,
        near_pct=int(pack.setting("near_pct")),
    )


def _load(file: Path) -> Any:
    source = read_source(file, number_keys=True)
    if isinstance(source, Problem):
        raise Invalid("facts_unreadable", str(source))
    return source.data


def _text(found: criteria.Diagnosis) -> str:
    version = found.version
    head = f"{found.title_label}（{found.as_json()['application_label']}，{found.as_of}）：{found.verdict.label if found.verdict else '不作判断'}"
    if version is None:
        return f"{head}\n" + "\n".join(found.reasons)
    lines = [head, f"依据：{version.criterion.label}" + ("" if version.confirmed else "（待核）")]
    lines += [f"  [{criteria.RESULT_LABELS[leaf.result]}] {leaf.reason}" + ("" if leaf.confirmed else "（待核）") for leaf in found.leaves]
    if found.score is not None:
        lines.append(f"得分：{found.score.low}" + ("" if found.score.low == found.score.high else f" 至 {found.score.high}") + " 分")
    lines += [f"待办：{text}" for text in found.todo] + [f"说明：{text}" for text in found.warnings]
    if found.question is not None:
        lines.append(f"先问这一项：{found.question.text}")
    return "\n".join([*lines, criteria.DISCLAIMER])


def _refuse(message: str, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": message}, ensure_ascii=False))
    else:
        click.echo(message, err=True)
    raise SystemExit(REFUSED)


@group.command("impact")
@click.option("--title", required=True, help="称号代码，如 srdi")
@click.option("--new", "new_code", required=True, help="新版本代码（可以是草稿）")
@click.option("--old", "old_code", help="原版本代码，默认截止日适用的版本")
@click.option("--type", "application", type=click.Choice(["new", "review"]), default="new", help="new 新申报，review 复核")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="截止日，默认今天")
@click.option("--city", help="城市（政策包名称或区划代码），默认本系统的城市")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="把有变化的企业写入这个 .csv 文件")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
def impact(
    title: str, new_code: str, old_code: str | None, application: str, as_of: datetime | None, city: str | None, out: Path | None, as_json: bool,
) -> None:
    """Count who gains, loses or turns unknown under another version. Exit status 2 when there is nothing to compare."""
    day = as_of.date() if as_of else clock.today()
    try:
        pack = active_pack(city or settings().city)
        asked = impact_queries.question(pack, title=title, old=old_code, new=new_code, application=application, day=day)
        city_id = next((one.id for one in areas.list_cities() if one.code == pack.area_code), None)
        if city_id is None:
            raise NotFound("没有找到这个城市的区划，请先运行 flask areas load。", "city_unknown")
    except DomainError as error:
        _refuse(error.message_zh, as_json)
    answer, changed = impact_rows.work_out(city_id, asked)
    if out is not None:
        impact_rows.write_changed(out, changed)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        kinds = "，".join(f"{label} {answer[kind]} 家" for kind, label in KINDS.items())
        click.echo(f"{answer['old']} → {answer['new']}，{day}：比较 {answer['asked']} 家，{kinds}")
