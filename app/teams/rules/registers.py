"""The life of an entry: proposed, admitted, warned, renewed, ended; which step may follow which state."""

PROPOSED, ADMITTED, REFUSED, WARNED, CLEARED, RENEWED, ENDED, CHANGED = (
    "proposed", "admitted", "refused", "warned", "cleared", "renewed", "ended", "changed",
)
MAY_FOLLOW: dict[str, tuple[str, ...]] = {
    "proposed": (ADMITTED, REFUSED), "active": (RENEWED, WARNED, ENDED), "warned": (RENEWED, CLEARED, ENDED), "ended": (PROPOSED,), "refused": (PROPOSED,),
}
"""State -> steps an officer may take. What is over can only be proposed again: the old history stays."""
AFTER = {PROPOSED: "proposed", ADMITTED: "active", REFUSED: "refused", WARNED: "warned", CLEARED: "active", RENEWED: "", ENDED: "ended", CHANGED: ""}
"""Step -> state after it ("" = stays)."""
DATED = (ADMITTED, RENEWED)
"""Steps that say until when the entry is valid."""


def state_after(state: str, step: str) -> str:
    """The state of an entry once the step is taken."""
    return AFTER[step] or state
