"""Look-alikes (placeholder until the search is wired)."""

from app.infra.web.access import requires
from app.kernel.permission import Permission
from app.ladder.views._blueprint import blueprint


@blueprint.get("/pools/<code>/lookalikes")
@requires(Permission.POOL_VIEW)
def lookalikes(code: str) -> str:
    """Proposed enterprises of one pool."""
    return code
