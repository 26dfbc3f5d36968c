"""Changes of requests, appointments and visits. Every action checks rules and scope, writes an audit row and flushes; the caller commits.

Public surface: ``log_visit`` (page, phone API and importer alike), ``correct_visit``, ``void_visit``, ``review_visit``.
"""

from app.visits.actions.visits import Logged as Logged
from app.visits.actions.visits import Refused as Refused
from app.visits.actions.visits import log_visit as log_visit
