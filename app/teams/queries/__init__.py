"""Reading teams, registers and assignments. Every query that shows something takes ``scope`` first."""

from app.teams.queries.assignments import assignment_of as assignment_of
from app.teams.queries.assignments import cohort as cohort
from app.teams.queries.assignments import serving as serving
from app.teams.queries.reach import own_city as own_city
from app.teams.queries.reach import teams_in_scope as teams_in_scope
from app.teams.queries.teams import experts_of_team as experts_of_team
from app.teams.queries.teams import get_team as get_team
from app.teams.queries.teams import leaders_of as leaders_of
from app.teams.queries.teams import members_on as members_on
from app.teams.queries.teams import team_choices as team_choices
from app.teams.queries.teams import team_names as team_names
from app.teams.queries.teams import teams_of_user as teams_of_user
