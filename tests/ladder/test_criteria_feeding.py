"""Stored figures become facts: years stay years, states take the latest, a title not held is known not to be held."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.ladder import criteria
from app.ladder.criteria.feeding import Figure, Stored, build_facts
from tests.ladder.criteria_cases import pack

TODAY = date(2026, 6, 1)
TITLES = ("innovative_sme", "srdi")


def stored(**years: dict[str, Figure]) -> Stored:
    return Stored("371500", industry="3451", founded_on=date(2018, 1, 1), years={int(name[1:]): row for name, row in years.items()},
                  held=frozenset({"innovative_sme"}))


def test_figures_titles_and_origin() -> None:
    facts = build_facts(stored(
        y2025={"revenue_yuan": Figure(Decimal("15000000.50"), "department", date(2026, 2, 1)), "ip_class1_count": Figure(0)},
        y2024={"revenue_yuan": Figure(Decimal(0)), "niche_years": Figure(4), "ip_class1_count": Figure(3)},
        y2027={"niche_years": Figure(9)},
    ), as_of=TODAY, titles=TITLES)
    assert facts.values["revenue", 2025] == Fraction(30000001, 2)
    assert facts.values["revenue", 2024] == 0
    assert (facts.values["niche_market_years", None], facts.values["class1_ip", None]) == (4, 0)
    assert (facts.values["title.innovative_sme", None], facts.values["title.srdi", None]) == (True, False)
    assert facts.origins["revenue", 2025].source == "部门提供"


def test_an_empty_record_is_data_missing_and_has_a_question() -> None:
    facts = build_facts(Stored("371500"), as_of=TODAY, titles=TITLES)
    version = criteria.choose_version(pack("liaocheng"), "innovative_sme", application="new", on=TODAY)
    assert version is not None
    found = criteria.diagnose(facts, version)
    assert found.verdict is criteria.Verdict.DATA_MISSING and found.question is not None


def test_the_unit_of_the_store_is_yuan_and_of_the_answer_wan_yuan() -> None:
    facts = build_facts(stored(y2025={"revenue_yuan": Figure(Decimal("14990000"))}), as_of=TODAY, titles=TITLES)
    version = criteria.get_version(pack("liaocheng"), "srdi_2026")
    leaf = next(leaf for leaf in criteria.diagnose(facts, version).leaves if leaf.id == "P3.revenue")
    assert (leaf.value, leaf.distance, leaf.result) == (1499, 1, "near")
