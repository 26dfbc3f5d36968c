"""What is known after an attempt to send."""

from dataclasses import dataclass

SENT, RETRY, FAILED, UNKNOWN = "sent", "retry", "failed", "unknown"


@dataclass(frozen=True)
class Outcome:
    """``sent``: the other side took it. ``retry``: certainly not taken, may be tried again. ``failed``: not taken and never will be.
    ``unknown``: it may or may not have arrived. ``reason``: in Chinese, without addresses and secrets."""

    state: str
    reason: str = ""
