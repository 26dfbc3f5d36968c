"""Pages of the targets for the general tests."""

from tests.pages_registry import sample


@sample("targets.show", viewers=("bureau", "county", "leader"), strangers=("stranger_city",), refused=("town",))
def target_page() -> str:
    return "/targets/ST-T03"


@sample("targets.members", viewers=("bureau", "leader"), strangers=("stranger_city", "county"), refused=("town",))
def target_members() -> str:
    return "/targets/ST-T03/enterprises"


@sample("targets.enter", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "leader", "town"))
def target_form() -> str:
    return "/targets/ST-T01/value"


@sample(
    "targets.enter", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "leader", "town"),
    data={"on_day": "2023-12-31", "value": "76.5", "source": "市市场监管局", "evidence": ""},
)  # fmt: skip
def target_value() -> str:
    return "/targets/ST-T01/value"
