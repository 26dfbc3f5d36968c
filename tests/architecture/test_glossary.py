"""docs/glossary.md holds every label of the packs and every label of a status or code."""

from pathlib import Path

from tests.architecture import glossary

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
AGAIN = "run: python -m tests.architecture.glossary > docs/glossary.md"


def test_every_label_stands_in_the_glossary_and_nothing_else() -> None:
    written, wanted = DOCUMENT.read_text(encoding="utf-8").splitlines(), glossary.glossary().splitlines()
    missing, stale = [line for line in wanted if line not in set(written)], [line for line in written if line not in set(wanted)]
    assert not missing and not stale, f"{AGAIN}\nmissing: {missing[:10]}\nstale: {stale[:10]}"


def test_the_labels_that_must_be_found_are_found() -> None:
    """The control: looking for labels finds those everybody knows."""
    found = glossary.code_labels()
    assert found["app.ladder.rules.counting.State"]["revoked"] == "已撤销"
    assert found["app.enterprises.models.STATUSES"]["cancelled"] == "注销"
    assert found["app.infra.jobs.STATES"]["queued"] == "排队中"
    packs = glossary.pack_labels()
    assert "liaocheng" in packs["称号"]["srdi"]["省级专精特新中小企业"]
    assert len(packs["指标"]) >= 26
