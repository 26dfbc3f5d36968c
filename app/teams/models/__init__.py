"""Tables of the alliance, the pool, the teams and their yearly scores."""

from app.teams.models.registers import Expert as Expert
from app.teams.models.registers import Provider as Provider
from app.teams.models.registers import RegisterChange as RegisterChange
from app.teams.models.registers import RegisterStep as RegisterStep
from app.teams.models.registers import ServiceResource as ServiceResource
from app.teams.models.scores import ServiceMark as ServiceMark
from app.teams.models.scores import ServiceScore as ServiceScore
from app.teams.models.teams import AssignmentProposal as AssignmentProposal
from app.teams.models.teams import Handover as Handover
from app.teams.models.teams import ServiceTeam as ServiceTeam
from app.teams.models.teams import TeamMember as TeamMember
