"""称号 and 级别 as people write them in spreadsheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.level import Level
from app.packs import MatchProblem, Pack, read_pack

PACK: Pack = read_pack("liaocheng")

KNOWN = [
    ("小升规", None, "scale_up", None),
    ("规模以上工业企业", "", "scale_up", None),
    ("创新型中小企业", "省级", "innovative_sme", "province"),
    ("省级创新型中小企业", None, "innovative_sme", "province"),
    ("专精特新", "市级", "srdi_city", "city"),
    ("专精特新", "省级", "srdi", "province"),
    ("专精特新", "国家级", "little_giant", "nation"),
    ("专精特新中小企业", None, "srdi", "province"),
    ("专精特新中小企业", "市级", "srdi_city", "city"),
    ("省级专精特新", None, "srdi", "province"),
    ("省专精特新中小企业", None, "srdi", "province"),
    ("山东省“专精特新”中小企业", None, "srdi", "province"),
    ("聊城市专精特新中小企业", None, "srdi_city", "city"),
    ("专精特新“小巨人”", None, "little_giant", "nation"),
    ('专精特新"小巨人"企业', "国家级", "little_giant", "nation"),
    ("专精特新‘小巨人’企业", "国家", "little_giant", "nation"),
    ("专精特新「小巨人」企业", "国家级", "little_giant", "nation"),
    ("专精特新（小巨人）企业", "国家级", "little_giant", "nation"),
    ("小巨人企业", None, "little_giant", "nation"),
    ("国家级专精特新小巨人企业", "国家级", "little_giant", "nation"),
    ("第五批国家级专精特新小巨人企业", None, "little_giant", "nation"),
    ("山东省专精特新小巨人企业", None, "little_giant", "nation"),
    ("瞪羚", None, "gazelle", "province"),
    ("瞪羚企业（2022年）", "省级", "gazelle", "province"),
    ("2023年度山东省瞪羚企业", None, "gazelle", "province"),
    ("准独角兽企业", "省级", "pre_unicorn", "province"),
    ("独角兽企业", "—", "unicorn", "province"),
    ("国家级单项冠军", None, "single_champion", "nation"),
    ("单项冠军", "国家级", "single_champion", "nation"),
    ("制造业单项冠军企业", "省级", "single_champion_province", "province"),
    ("省级制造业单项冠军", None, "single_champion_province", "province"),
    ("科技型中小企业", "国家级", "tech_sme", "nation"),
    ("高企", None, "high_tech", "nation"),
    ("国家高新技术企业", None, "high_tech", "nation"),
    ("聊城市高新技术企业", None, "high_tech", "nation"),
    ("绿色工厂", "省级", "green_factory", "province"),
    ("国家级绿色工厂", None, "green_factory", "nation"),
    ("绿色工厂（市级）", None, "green_factory", "city"),
    ("两化融合管理体系贯标", "AA", "iii_standard", None),
    ("DCMM（二级）", None, "dcmm", None),
    ("\uff24\uff23\uff2d\uff2d\u3000贯标", "2级", "dcmm", None),
    ("雏鹰企业", None, "eaglet", "province"),
    ("little_giant", "nation", "little_giant", "nation"),
    ("SRDI_M", None, "srdi_city", "city"),
    ("srdi_giant", None, "little_giant", "nation"),
]


@pytest.mark.parametrize(("text", "level_text", "code", "level"), KNOWN)
def test_known_spellings(text: str, level_text: str | None, code: str, level: str | None) -> None:
    match = PACK.match_title(text, level_text)
    assert (match.title_code, match.level) == (code, level), match.message_zh


REFUSED = [
    ("专精特新", None, MatchProblem.LEVEL_MISSING, {"srdi_city", "srdi", "little_giant"}),
    ("专精特新企业", "无", MatchProblem.LEVEL_MISSING, {"srdi_city", "srdi", "little_giant"}),
    ("单项冠军", "", MatchProblem.LEVEL_MISSING, {"single_champion_province", "single_champion"}),
    ("绿色工厂", None, MatchProblem.LEVEL_MISSING, {"green_factory"}),
    ("小巨人", "省级", MatchProblem.LEVEL_NOT_ALLOWED, {"little_giant"}),
    ("单项冠军", "市级", MatchProblem.LEVEL_NOT_ALLOWED, {"single_champion_province", "single_champion"}),
    ("省级专精特新中小企业（省级）", "市级", MatchProblem.LEVEL_CONFLICT, {"srdi"}),
    ("国家级单项冠军", "省级", None, set()),
    ("瞪羚企业", "宇宙级", MatchProblem.LEVEL_UNKNOWN, {"gazelle"}),
    ("龙头企业", "省级", MatchProblem.TITLE_UNKNOWN, set()),
    ("省级", "省级", MatchProblem.TITLE_UNKNOWN, set()),
    ("", "省级", MatchProblem.TITLE_BLANK, set()),
    ("—", None, MatchProblem.TITLE_BLANK, set()),
]


@pytest.mark.parametrize(("text", "level_text", "problem", "candidates"), REFUSED)
def test_unclear_texts_are_refused_with_the_possible_answers(
    text: str, level_text: str | None, problem: MatchProblem | None, candidates: set[str],
) -> None:
    match = PACK.match_title(text, level_text)
    assert match.title_code is None
    assert match.message_zh.endswith(("。", "？"))
    if problem is not None:
        assert match.problem is problem
    if candidates:
        assert {code for code, _ in match.candidates} == candidates


def test_message_says_which_levels_there_are() -> None:
    assert "市级、省级、国家级" in PACK.match_title("专精特新").message_zh


@pytest.mark.parametrize("title", PACK.titles(), ids=lambda title: title.code)
def test_every_label_and_alias_finds_its_own_title(title: object) -> None:
    for word in (title.code, title.label, *title.aliases):  # type: ignore[attr-defined]
        match = PACK.match_title(word, "市级" if title.code == "green_factory" else None)  # type: ignore[attr-defined]
        assert match.title_code == title.code, word  # type: ignore[attr-defined]


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=50)))
def test_no_text_breaks_it(text: str, level_text: str | None) -> None:
    match = PACK.match_title(text, level_text)
    assert match.ok != bool(match.problem)
    assert match.level is None or isinstance(match.level, Level)
