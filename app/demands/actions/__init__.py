"""Changes of demands: one action per change, whoever calls it."""

from app.demands.actions._common import OFFICE, Seat
from app.demands.actions.raising import Claim, Place, match_demand, raise_demand, rate_limited

__all__ = ["OFFICE", "Claim", "Place", "Seat", "match_demand", "raise_demand", "rate_limited"]
