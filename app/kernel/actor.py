"""Who acts: written into every audit row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person, or the system itself (``user_id`` None). ``via`` is the door: web, api, import, job, cli."""

    user_id: int | None
    name: str
    via: str = "web"
    request_id: str | None = None


SYSTEM = Actor(user_id=None, name="系统", via="cli")
