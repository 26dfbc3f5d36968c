"""Phone numbers of the registers and of members: encrypted, masked on pages, shown on request with a reason."""

from typing import Any

from app.enterprises.actions.parts import normal_phone
from app.infra import audit, crypto
from app.infra.audit import Subject
from app.infra.web.filters import masked_phone
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.kernel.text import clean

SHORTEST = 4


def set_phone(row: Any, phone: str | None) -> None:
    """None keeps the stored number, "" removes it. Raises ``Invalid``."""
    if phone is None:
        return
    if not phone.strip():
        row.phone_cipher = row.phone_mark = row.phone_masked = None
        return
    number = normal_phone(phone)
    row.phone_cipher, row.phone_mark, row.phone_masked = crypto.encrypt(number), crypto.mark(number), masked_phone(number)


def reveal(row: Any, subject: Subject, *, reason: str, by: Actor) -> str:
    """The full number; who saw it, when and why is recorded in the same transaction. Raises ``Invalid``."""
    why = clean(reason)[:200]
    if len(why) < SHORTEST:
        raise Invalid("reason", f"请说明查看完整号码的用途（至少 {SHORTEST} 个字），本次查看会被记录。", "reason")
    if not row.phone_cipher:
        raise Invalid("no_phone", f"“{subject.label}”没有登记电话。", "reason")
    number = crypto.decrypt(row.phone_cipher)
    audit.record("phone.revealed", subject, None, {"reason": why}, by=by)
    return number
