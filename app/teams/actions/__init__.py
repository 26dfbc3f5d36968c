"""Changes of teams, members, assignments and registers. Each checks, changes, records and flushes; the caller commits."""

from app.teams.actions.assigning import assign as assign
from app.teams.actions.assigning import assign_plan as assign_plan
from app.teams.actions.assigning import release as release
from app.teams.actions.handing import acknowledge as acknowledge
from app.teams.actions.handing import hand_over as hand_over
