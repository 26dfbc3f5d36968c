"""The rules of the shipped packs: who acts is always an office or a person, and nothing is said to be in the documents that is not."""

import pytest

from app.packs import read_pack
from app.packs.schema import AUDIENCES, ReminderRule, template_fault


@pytest.mark.parametrize("city", ("liaocheng", "yantai", "yingkou"))
def test_every_rule_says_who_acts(city: str) -> None:
    rules = [rule for rule in read_pack(city).entries("reminders") if isinstance(rule, ReminderRule)]
    assert rules
    for rule in rules:
        assert set(rule.to) <= set(AUDIENCES)
        assert rule.to[0] not in ("leader", "town"), rule.code
        assert not rule.confirmed, f"{rule.code}: the documents give no lead days"


@pytest.mark.parametrize(("text", "fine"), (
    ("{label}：{due}到期，{remaining}，请{verb}。", True), ("没有花括号", True), ("{name}", False), ("{label!r}", False), ("{label.__class__}", False), ("{", False),
    ("{0}", False), ("{label:>100}", False), ("{{label}}", True),
))
def test_templates_know_only_their_words(text: str, fine: bool) -> None:
    assert (template_fault(text) is None) is fine
