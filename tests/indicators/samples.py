"""Records behind the indicator pages, for the general tests."""

from app.infra.db import db
from tests.factories import ladder as make
from tests.pages_registry import sample


def _firm() -> None:
    make.recognition(make.firm(make.area("371502001")), "high_tech")
    db.session.commit()


@sample("indicators.members", viewers=("bureau", "county", "leader"), refused=("town", "department", "expert"))
def town_cell() -> str:
    _firm()
    return "/indicators/2023/371502001/15"


@sample("indicators.members", viewers=("bureau", "leader"), strangers=("county", "stranger", "stranger_city"), refused=("town",))
def city_cell() -> str:
    _firm()
    return "/indicators/2023/371500/15"


@sample("indicators.why", viewers=("bureau", "county", "leader"), refused=("town", "department", "system", "expert"), statements=26)
def town_cell_why() -> str:
    _firm()
    return "/indicators/2023/371502001/15/why"


@sample("indicators.why_export", method="POST", viewers=("bureau", "county"), refused=("town", "department", "leader"))
def town_cell_why_exported() -> str:
    _firm()
    return "/indicators/2023/371502001/15/why/export"
