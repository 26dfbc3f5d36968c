"""``flask ladder``: criteria on the command line. Facts come from a file; no database is needed."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from app.infra import clock
from app.infra.settings import pack_dir
from app.kernel.errors import DomainError, Invalid
from app.ladder import criteria
from app.packs import Pack, Problem, read_pack
from app.packs.lint_criteria import declared_facts
from app.packs.yaml_source import read_source

group = AppGroup("ladder", help="梯度培育：认定条件比对")
REFUSED = 2
DEFAULT_CITY = "liaocheng"


@group.command("diagnose")
@click.option("--facts", "file", type=click.Path(path_type=Path), required=True, help="情况文件（YAML），数据项名称见 docs/howto/add-a-rule-version.md")
@click.option("--title", help="称号代码，如 srdi；不写时用文件里的 title，都没有时比对全部称号")
@click.option("--type", "application", type=click.Choice(["new", "review"]), help="new 新申报（默认），review 复核")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天的条件和年度（默认文件里的 as_of，再默认今天）")
@click.option("--city", help="政策包名称（默认文件里的 city，再默认 liaocheng）")
@click.option("--region", help="区划代码，决定用哪个地方的版本（默认政策包所在城市）")
@click.option("--rule", help="直接指定条件版本代码，如 srdi_2022（可用于未启用的版本）")
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
def diagnose(
    file: Path, title: str | None, application: str | None, as_of: datetime | None, city: str | None, region: str | None, rule: str | None,
    as_json: bool,
) -> None:
    """Compare a situation with the criteria of a title. Exit status 2 when the file cannot be used."""
    try:
        found = answers(
            _load(file), title=title, application=application, as_of=as_of, city=city, region=region, rule=rule,
        )
    except DomainError as error:
        _refuse(error.message_zh, as_json)
    if as_json:
        data = [one.as_json() for one in found]
        click.echo(json.dumps(data[0] if len(data) == 1 else data, ensure_ascii=False))
    else:
        click.echo("\n\n".join(_text(one) for one in found))


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
