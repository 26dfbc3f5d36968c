"""Records behind the indicator pages, for the general tests."""

from datetime import date
from decimal import Decimal

from app.indicators.actions.contest import Said, open_round, record_value
from app.indicators.actions.editions import make_edition
from app.indicators.actions.vetoes import Report, register
from app.indicators.queries.contest import find_round, get_round
from app.infra.db import db
from app.kernel.actor import Actor
from app.ladder.queries import current_pack
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


YEAR = 2023
"""Data year of the sample round."""


def contest_round(stage: str = "filling") -> int:
    """A round with figures of three towns; returns its version."""
    found = find_round(current_pack(), YEAR) or open_round(pack=current_pack(), year=YEAR, by=Actor(None, "市局经办甲"))
    for place, code in enumerate(("371502001", "371502002", "371581107")):
        for item in [one["key"] for one in found.scheme["items"]]:
            record_value(
                found=found, town_id=make.area(code).id, item=item, source="department", said=Said(Decimal(20 + 7 * place)), office="市统计局",
                note="年报数", by=Actor(None, "市局经办甲"),
            )
    found.stage = stage
    db.session.commit()
    return found.version


@sample("indicators.contest_show", viewers=("bureau", "county", "leader", "town", "department", "reviewer"), strangers=("stranger_city",), refused=("expert",))
def contest_matrix() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/"


@sample("indicators.contest_stability", viewers=("bureau", "leader"), strangers=("stranger_city",), refused=("county", "town", "expert"))
def contest_ranges() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/stability"


@sample("indicators.contest_town", viewers=("bureau", "county", "leader", "town", "department"), refused=("expert",))
def contest_one_town() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/371502002/"


@sample("indicators.contest_cell", viewers=("bureau", "county", "leader", "town", "department"), refused=("expert",))
def contest_one_cell() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/371502002/9"


@sample(
    "indicators.contest_enter", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "leader", "expert"),
    data={"source": "department", "value": "33", "note": "更正", "seen_department": "0"},
)
def contest_entered() -> str:
    if find_round(current_pack(), YEAR) is None:
        open_round(pack=current_pack(), year=YEAR, by=Actor(None, "市局经办甲"))
    db.session.commit()
    return f"/indicators/contest/{YEAR}/371502002/9"


@sample("indicators.contest_open", method="POST", viewers=("bureau",), strangers=(), refused=("county", "town", "leader"), data={"year": "2023"})
def contest_opened() -> str:
    return "/indicators/contest/open"


@sample("indicators.contest_export", method="POST", viewers=("bureau", "county", "leader", "town"), strangers=("stranger_city",), refused=("department", "expert"))
def contest_exported() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/export"


@sample(
    "indicators.contest_move", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "town", "leader"),
    data={"stage": "county_check", "version": "1"},
)
def contest_moved() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/move"


@sample("indicators.contest_freeze", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "town", "leader"), data={"version": "1"})
def contest_frozen() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/freeze"


VETO = {"town": "371502002", "kind": "accident", "grade": "larger", "happened_on": "2022-05-01", "document": "应急局通报"}


@sample("indicators.contest_vetoes", viewers=("bureau", "county", "leader", "town", "department"), strangers=("stranger_city",), refused=("expert",), statements=16)
def contest_veto_page() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/vetoes"


@sample(
    "indicators.contest_veto_register", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "town", "leader"), data=VETO,
)
def contest_veto_registered() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/vetoes"


@sample(
    "indicators.contest_veto_decide", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "department", "leader"),
    data={"state": "dismissed", "version": "1", "reason": "不属实"},
)
def contest_veto_decided() -> str:
    contest_round()
    report = Report("accident", "larger", date(2022, 5, 1), None, "应急局通报", "")
    event = register(town_id=make.area("371502002").id, report=report, by=Actor(None, "市局经办甲"))
    db.session.commit()
    return f"/indicators/contest/{YEAR}/vetoes/{event.id}"


@sample(
    "indicators.contest_sign", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "town", "leader"),
    data={"kind": "accident", "clear": "1"},
)
def contest_signed() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/371502002/signoff"


@sample("indicators.contest_grading", viewers=("bureau", "reviewer"), strangers=("stranger_city",), refused=("county", "town", "leader"))
def contest_grades() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/grading"


@sample("indicators.contest_grade_page", viewers=("bureau", "reviewer"), strangers=("stranger_city",), refused=("county", "town", "leader"))
def contest_grades_of_a_town() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/371502002/grading"


@sample(
    "indicators.contest_grade", method="POST", viewers=("reviewer",), strangers=("stranger_city",), refused=("county", "town", "leader"),
    data={"grade": "优", "reason": "省级集群", "evidence": "认定文件"},
)
def contest_graded() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/371502002/7/grade"


@sample("indicators.contest_editions", viewers=("bureau", "leader"), strangers=("stranger_city",), refused=("county", "town", "expert"))
def contest_edition_list() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/editions"


@sample(
    "indicators.contest_edition_make", method="POST", viewers=("bureau",), strangers=("stranger_city",), refused=("county", "leader"), data={"reason": "公示稿"},
)
def contest_edition_made() -> str:
    contest_round()
    return f"/indicators/contest/{YEAR}/editions"


@sample("indicators.contest_edition", viewers=("bureau", "leader"), strangers=("stranger_city",), refused=("county", "town", "expert"))
def contest_one_edition() -> str:
    contest_round()
    pack = current_pack()
    made = make_edition(pack=pack, found=get_round(pack, YEAR), reason="公示稿", by=Actor(None, "市局经办甲"))
    db.session.commit()
    return f"/indicators/contest/{YEAR}/editions/{made.code}"
