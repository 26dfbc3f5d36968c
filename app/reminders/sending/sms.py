"""Text messages: an interface with one adapter. Gateways differ in every city, so ours is the simplest that any of them can be put behind.

``YUMIAO_SMS=file:/path``: one JSON line per message is appended (``id``, ``to``, ``text``, ``at``), for a gateway that collects the file.
``YUMIAO_SMS=https://host/path``: the same JSON is posted, signed like our hooks; the host must stand in ``YUMIAO_HOOK_HOSTS``.
"""

import json
import os
from pathlib import Path
from typing import Protocol

from app.infra import clock
from app.reminders.rules.robots import signed
from app.reminders.sending import http
from app.reminders.sending.outcome import FAILED, RETRY, SENT, Outcome
from config import Sending


class SmsDoor(Protocol):
    """What another adapter has to offer."""

    def send(self, key: str, to: str, text: str) -> Outcome:
        """Hand one message over. ``key`` is the same for every attempt."""


class FileDoor:
    """Appends lines to a file; a line stands whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, key: str, to: str, text: str) -> Outcome:
        line = json.dumps({"id": key, "to": to, "text": text, "at": clock.now().isoformat()}, ensure_ascii=False) + "\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as problem:
            return Outcome(RETRY, f"短信文件写不进去（{type(problem).__name__}）")
        return Outcome(SENT)


class HttpDoor:
    """Posts to the gateway of the city."""

    def __init__(self, settings: Sending, plain_allowed: bool) -> None:
        self._settings, self._plain = settings, plain_allowed

    def send(self, key: str, to: str, text: str) -> Outcome:
        call = signed(
            self._settings.sms, key, {"id": key, "to": to, "text": text}, secret=self._settings.sms_secret, seconds=int(clock.now().timestamp()),
        )
        return http.send(call, self._settings.hook_hosts, plain_allowed=self._plain, honours_key=True)


class NoDoor:
    """Nothing is configured."""

    def send(self, key: str, to: str, text: str) -> Outcome:
        return Outcome(FAILED, "没有配置短信通道（YUMIAO_SMS）")


def door(settings: Sending, *, plain_allowed: bool) -> SmsDoor:
    """The adapter the environment asks for."""
    if settings.sms.startswith("file:"):
        return FileDoor(Path(settings.sms.removeprefix("file:")))
    return HttpDoor(settings, plain_allowed) if settings.sms else NoDoor()
