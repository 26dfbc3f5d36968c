"""Proposals respect place, room and trade, in that order, and say why."""

from app.teams.rules.balancing import Firm, Person, Team, propose, spread
from app.teams.rules.matching import Candidate, Need, rank


def team(number: int, **more) -> Team:
    return Team(number, f"第{number}队", number, **more)


def chosen(firms, teams):
    return {choice.firm_id: choice.team_id for choice in propose(firms, teams)}


def test_a_team_for_other_counties_is_the_last_resort():
    there, everywhere = team(1, units=frozenset({9})), team(2, load=90, capacity=100)
    assert chosen([Firm(1, 5)], [there, everywhere]) == {1: 2}
    assert propose([Firm(1, 5)], [there])[0].warnings == ("不在该队服务区域",)


def test_a_full_team_stands_back():
    assert chosen([Firm(1, 5, "34", "C")], [team(1, industries=frozenset({"34"}), capacity=10, load=10), team(2, capacity=10)]) == {1: 2}


def test_the_trade_decides_among_teams_about_equally_busy():
    knows = team(2, industries=frozenset({"34"}), load=20, capacity=100)
    assert chosen([Firm(1, 5, "34", "C")], [team(1, capacity=100), knows]) == {1: 2}
    busier = team(2, industries=frozenset({"34"}), load=60, capacity=100)
    assert chosen([Firm(1, 5, "34", "C")], [team(1, capacity=100), busier]) == {1: 1}


def test_many_firms_are_spread_evenly():
    found = chosen([Firm(number, 5) for number in range(1, 31)], [team(1), team(2), team(3)])
    assert [list(found.values()).count(number) for number in (1, 2, 3)] == [10, 10, 10]


def test_who_fits_one_team_only_is_placed_first():
    narrow, wide = Firm(2, 5, "34", "C"), Firm(1, 5, "17", "C")
    only = team(1, industries=frozenset({"34"}), capacity=1)
    assert chosen([wide, narrow], [only, team(2, industries=frozenset({"17"}))]) == {1: 2, 2: 1}


def test_people_share_the_work():
    found = spread({1: 7, 2: 7, 3: 7}, {7: [Person(1, load=2), Person(2)]})
    assert sorted(found.values()) == [1, 2, 2]
    assert spread({1: 8}, {}) == {1: None}


def candidate(name: str, **more) -> Candidate:
    said = {"domains": frozenset({"legal"}), "industries": frozenset(), "units": frozenset(), "capacity": None} | more
    return Candidate(("expert", len(name)), name, **said)


def test_matches_name_their_reasons_and_leave_out_what_does_not_serve_the_place():
    need = Need(Firm(1, 5, "34", "C"), ("legal", "finance"))
    found = rank(need, [
        candidate("甲", units=frozenset({9})), candidate("乙乙", industries=frozenset({"34"})), candidate("丙丙丙", domains=frozenset({"legal", "finance"})),
        candidate("丁丁丁丁", domains=frozenset({"digital"})),
    ], {"legal": "法律服务", "finance": "融资"})
    assert [match.key[1] for match in found] == [3, 2]
    assert found[0].reasons == ("擅长法律服务、融资",) and "行业大类对口" in found[1].reasons


def test_a_full_one_comes_after_one_with_room():
    need = Need(Firm(1, 5), ("legal",))
    found = rank(need, [candidate("甲", capacity=3, load=3), candidate("乙乙", capacity=3, load=1)], {})
    assert [match.key[1] for match in found] == [2, 1] and found[1].warnings == ("已服务 3 家，达到服务能力",)
