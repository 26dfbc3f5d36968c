"""Changes of demands: one action per change, whoever calls it."""

from app.demands.actions._common import OFFICE, Seat
from app.demands.actions.desk import ensure_departments
from app.demands.actions.ending import follow_enterprises, log_call_back, rate_demand, reopen_demand, tidy_up, withdraw_demand
from app.demands.actions.handling import (
    add_files,
    ask_extension,
    decide_extension,
    finish_demand,
    log_contact,
    log_note,
    log_reply,
    pause,
    resume,
    supplement,
)
from app.demands.actions.raising import Claim, Place, match_demand, raise_demand, rate_limited
from app.demands.actions.routing import (
    accept_demand,
    add_assist,
    answer_part,
    dispatch_demand,
    instruct,
    mark_duplicate,
    refuse_demand,
    reject_demand,
    take_demand,
    transfer_demand,
)

__all__ = [
    "OFFICE", "Claim", "Place", "Seat", "accept_demand", "add_assist", "add_files", "answer_part", "ask_extension", "decide_extension", "dispatch_demand",
    "ensure_departments", "finish_demand", "follow_enterprises", "instruct", "log_call_back", "log_contact", "log_note", "log_reply", "mark_duplicate",
    "match_demand", "pause", "raise_demand", "rate_demand", "rate_limited", "refuse_demand", "reject_demand", "reopen_demand", "resume", "supplement",
    "take_demand", "tidy_up", "transfer_demand", "withdraw_demand",
]
