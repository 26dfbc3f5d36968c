"""Errors of the domain. Each carries a stable code for machines and a Chinese sentence for people.

A message says what happened, to which record, and what to do next. Three destinations: a form field, a flash, an HTTP page.
"""


class DomainError(Exception):
    """A refused request: ``code`` is stable ASCII, ``message_zh`` is shown as it is, ``field`` names the form field it belongs to."""

    status = 422

    def __init__(self, code: str, message_zh: str, field: str | None = None) -> None:
        super().__init__(message_zh)
        self.code = code
        self.message_zh = message_zh
        self.field = field


class Invalid(DomainError):
    """The input breaks a rule."""


class NotFound(DomainError):
    """No such record inside the viewer's scope; what lies outside the scope is answered the same way."""

    status = 404

    def __init__(self, message_zh: str = "没有找到这条记录，可能已删除或不在您的管辖范围内。", code: str = "not_found") -> None:
        super().__init__(code, message_zh)


class Conflict(DomainError):
    """Somebody else changed the record meanwhile, or the state forbids the step."""

    status = 409


class Forbidden(DomainError):
    """The role does not hold the permission (the record itself may exist)."""

    status = 403
