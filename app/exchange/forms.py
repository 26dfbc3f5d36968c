"""Forms of the import centre: the upload with the importer's own questions, and the mapping of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp

from app.exchange.registry import Importer
from app.exchange.rules.fields import Field
from app.exchange.rules.header import normal_header
from app.infra.web.forms import Form

ACCEPT = ".xlsx,.csv"
PREFIX = "option_"


class UploadForm(Form):
    """File, original author and date; the importer's options are added by ``upload_form``."""

    file = FileField("选择文件", [FileRequired("请选择要导入的文件。")])
    author = StringField("填报人", [Optional(), Length(max=60, message="填报人最长 60 个字。")], description="原始填报人；文件里有“填报人”列时以文件为准")
    on = DateField("填报日期", [Optional()], description="原始填报日期；文件里有“填报日期”列时以文件为准")


def upload_form(importer: Importer) -> UploadForm:
    """The form of one importer."""
    questions: dict[str, object] = {}
    for option in importer.options:
        if option.choices:
            questions[PREFIX + option.key] = SelectField(
                option.label, choices=[SelectChoice(c.code, c.label) for c in option.choices], default=option.default, description=option.help_zh
            )
        else:
            year = Regexp(r"^\d{4}$", message="请填写四位年份，如 2023。")
            questions[PREFIX + option.key] = StringField(option.label, [Optional(), year], description=option.help_zh)
    made: type[UploadForm] = type("UploadFormWithOptions", (UploadForm,), questions)
    return made()


def options_of(form: UploadForm) -> dict[str, str]:
    """Answers to the importer's questions."""
    return {name.removeprefix(PREFIX): str(value) for name, value in form.data.items() if name.startswith(PREFIX) and value}


def mapping_of(
    data: MultiDict[str, str], headers: Sequence[tuple[int, str]], fields: Sequence[Field]
) -> tuple[dict[str, str], list[str]]:
    """{normal header: field key or ""} from ``column_<index>`` answers, and what is wrong with them in Chinese.

    Two columns may share a field only when it has years (2022年营业收入, 2023年营业收入).
    """
    by_key: Mapping[str, Field] = {f.key: f for f in fields}
    mapping: dict[str, str] = {}
    seen: dict[str, str] = {}
    problems: list[str] = []
    for index, header in headers:
        key = data.get(f"column_{index}", "")
        base = normal_header(header)
        if key not in by_key:
            mapping.setdefault(base, "")
            continue
        if key in seen and not by_key[key].by_year:
            problems.append(f"“{seen[key]}”和“{header}”两列都对应了“{by_key[key].label}”，只能保留一列。")
        seen.setdefault(key, header)
        mapping[base] = key
    missing = [f.label for f in fields if f.required and f.key not in seen]
    if missing:
        problems.append(f"还没有对应必需的字段：{'、'.join(missing)}。")
    mapping.pop("", None)
    return mapping, problems
