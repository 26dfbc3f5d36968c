"""The glossary: names of the code, labels of the packs, labels of codes. Printed by ``python -m tests.architecture.glossary > docs/glossary.md``.

Labels are found by looking: every public mapping ``CODE -> Chinese`` and every enumeration with a ``label`` in the packages of ``app``.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import app
from app.packs.reader import available, check_directory
from app.packs.schema import SECTIONS

CHINESE = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(r"[a-z][a-z0-9_.]*\Z")
ELSEWHERE = {"Permission"}
"""Printed in docs/permissions.md, with the roles."""
NAMES = (
    ("企业，统一社会信用代码", "enterprise, unified social credit code", "`Enterprise`, `credit_code`"),
    ("称号，认定，复核，撤销，作废", "title, recognition, review, revocation, void", "`Title`, `Recognition`, `review_due_on`, `revoked_on`, `voided`"),
    ("梯度，梯队层级", "ladder, rung", "`Ladder`, `rung` (computed, never stored on the enterprise)"),
    ("存量，新增，累计", "stock, new, cumulative", "`CountKind`"),
    ("培育库，入库，出库", "cultivation pool, admit, release", "`PoolEntry`, `admit`, `release`"),
    ("小升规，规上，四上，准四上", "scale-up, above designated size, four above-scale kinds, near scale",
     "`scale_up`, `above_scale`, `above_scale_kind`, `near_scale`"),
    ("创新型中小企业", "innovative SME", "`innovative_sme`"), ("专精特新，小巨人", "SRDI, little giant", "`srdi`, `little_giant`"),
    ("瞪羚，雏鹰，独角兽", "gazelle, eaglet, unicorn", "`gazelle`, `eaglet`, `unicorn`"), ("单项冠军", "manufacturing single champion", "`single_champion`"),
    ("科技型中小企业，高新技术企业", "technology SME, high-tech enterprise", "`tech_sme`, `high_tech`"),
    ("服务商联盟，服务资源池", "provider alliance, resource pool", "`Provider`, `ServiceResource`"),
    ("专家服务队，服务专员", "expert service team, service liaison", "`ServiceTeam`, `Liaison`"),
    ("走访，诊断，问题，帮扶措施，承诺", "visit, diagnosis, finding, measure, promise", "`Visit`, `Diagnosis`, `Finding`, `Measure`, `Promise`"),
    ("诉求，转办，督办，办结，回访", "demand: refer, escalate, resolve, call back", "`Demand`"),
    ("数字专员，管理标兵", "digital specialist, management pacesetter", "`digital_specialist`, `management_pacesetter`"),
    ("培训班，场次，学员，签到", "cohort, session, trainee, attendance", "`Cohort`, `TrainingSession`, `Trainee`, `Attendance`"),
    ("线上展馆，场景，展品，询盘", "hall, scene, exhibit, enquiry", "`Hall`, `Scene`, `Exhibit`, `Enquiry`"),
    ("强镇，指标，填报，佐证，一票否决", "strong town, indicator, return, evidence, veto", "`Indicator`, `IndicatorReturn`, `Evidence`, `veto`"),
    ("目标，完成率，序时进度", "target, attainment, pro-rata progress", "`Target`, `attainment_pct`, `pro_rata_pct`"),
    ("非请勿扰", "no visit uninvited", "`contact_basis`, `disturbance`"),
    ("应享未享，免申即享", "unclaimed entitlement, paid without application", "`entitlement`"),
    ("镇街，管理单位，区直，功能区", "town, managing unit, directly under the zone, functional area",
     "`Area`, `AreaMembership`, `unit_id`, `direct`, `functional_area`"),
    ("截止日，按何日已登记的数据", "as of, known on", "`day`, `as_of`, `known_on`"),
    ("口径", "basis", "`basis`"), ("待核", "not confirmed by a source", "`confirmed`, `confidence`"),
)


def modules() -> Iterator[Any]:
    """Every module of the application, but the one that starts the parsing child: it puts another ``app`` in place of ours."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name != "app.exchange.reading.boot":
            yield importlib.import_module(found.name)


def _word(value: Any) -> str | None:
    """The label in a mapping's value: a text, or the first of (label, tone)."""
    text = value[0] if isinstance(value, tuple) and value else value
    return text if isinstance(text, str) and CHINESE.search(text) else None


def code_labels() -> dict[str, dict[str, str]]:
    """``app.module.NAME`` -> code -> label, each in the module that defines it."""
    found: dict[str, dict[str, str]] = {}
    for module in modules():
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            labels = {} if name.startswith("_") else _labels(name, value, module.__name__)
            if labels and re.search(rf"^(class {name}\b|{name}(: [^=]+)? = )", source, re.M):
                found[f"{module.__name__}.{name}"] = labels
    return dict(sorted(found.items()))


def _labels(name: str, value: Any, module: str) -> dict[str, str]:
    if isinstance(value, type) and issubclass(value, Enum) and hasattr(value, "label") and value.__module__ == module and name not in ELSEWHERE:
        return {str(member.value): str(member.label) for member in value}  # type: ignore[attr-defined]
    if not (name.isupper() and isinstance(value, Mapping) and value):
        return {}
    words = {key: _word(entry) for key, entry in value.items() if isinstance(key, str) and CODE.match(key)}
    return {key: word for key, word in words.items() if word} if len(words) == len(value) and all(words.values()) else {}


def pack_labels() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Section label -> code -> label -> packs that say so."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for city, path in sorted(available().items()):
        content = check_directory(path).content
        for section in SECTIONS if content is not None else ():
            for entry in getattr(content, section.key):
                found.setdefault(section.label, {}).setdefault(entry.code, {}).setdefault(entry.label, []).append(city)
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def glossary() -> str:
    """The whole document."""
    lines = [
        "# 术语表", "", "由 `python -m tests.architecture.glossary > docs/glossary.md` 从代码和政策包生成，测试保证每个标签都在这里，请勿手工修改。",
        "权限和角色见 docs/permissions.md。", "", "## 代码里的名字", "", "| 中文 | English | identifier |", "|---|---|---|",
        *(f"| {chinese} | {english} | {identifier} |" for chinese, english, identifier in NAMES), "", "## 状态和代码的标签", "",
    ]
    for name, labels in code_labels().items():
        lines += [f"### `{name}`", "", "| 代码 | 标签 |", "|---|---|", *(f"| `{code}` | {_cell(label)} |" for code, label in labels.items()), ""]
    lines += ["## 政策包的标签", ""]
    for section, codes in pack_labels().items():
        rows = [f"| `{code}` | {_cell(label)} | {'、'.join(packs)} |" for code, labels in codes.items() for label, packs in labels.items()]
        lines += [f"### {section}", "", "| 代码 | 名称 | 政策包 |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(glossary())
