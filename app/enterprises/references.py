"""Which columns of which tables name an enterprise. A merge moves them; a test walks the metadata and fails on one that is missing here.

Each capability registers its own at start-up (``views.init_app`` or at import of its models):
``references.register("recognition", "enterprise_id", unique=("title_code", "level", "batch_year"), current="superseded_at")``.
"""

from dataclasses import dataclass

MOVE, STAY = "move", "stay"


@dataclass(frozen=True)
class Reference:
    """``policy``: move = rows follow the kept enterprise; stay = rows are the merged record's own history and remain with it.

    ``unique``: columns that together with the enterprise may stand only once (a row whose twin the kept enterprise already has stays where
    it is: nothing is lost, nothing counts twice); ``current``: only rows in which this column is None are bound by that.
    ``dated``: a row says since when it is known (``recorded_at``), so a merge keeps what was known before it (``actions.merge_moves``).
    """

    table: str
    column: str
    policy: str = MOVE
    unique: tuple[str, ...] = ()
    current: str | None = None
    label: str = ""
    dated: bool = False

    @property
    def versioned(self) -> bool:
        """Rows are superseded, never overwritten: former versions stay with the record they were made of."""
        return self.dated and self.current == "superseded_at"


_references: dict[tuple[str, str], Reference] = {}


def register(
    table: str, column: str, *, policy: str = MOVE, unique: tuple[str, ...] = (), current: str | None = None, label: str = "", dated: bool = False,
) -> None:
    """Make a reference known (start-up; the same one twice is fine)."""
    _references[table, column] = Reference(table, column, policy, unique, current, label or table, dated)


def registered() -> tuple[Reference, ...]:
    """All references, in a fixed order."""
    return tuple(_references[key] for key in sorted(_references))


register("enterprise", "merged_into_id", policy=STAY, label="此前并入的企业")
register("enterprise_name", "enterprise_id", policy=STAY, label="曾用名")
register("enterprise_town", "enterprise_id", policy=STAY, label="所在镇街历史")
register("enterprise_summary", "enterprise_id", policy=STAY, label="列表摘要")
register("enterprise_tag", "enterprise_id", unique=("tag",), label="标签")
register("enterprise_year", "enterprise_id", unique=("year", "source"), current="superseded_at", label="年度数据", dated=True)
register("enterprise_event", "enterprise_id", label="大事记", dated=True)
register("contact", "enterprise_id", label="联系人")
register("enterprise_assignment", "enterprise_id", unique=("kind",), current="valid_to", label="服务安排")
register("enterprise_merge", "kept_id", policy=STAY, label="合并记录")
register("enterprise_merge", "merged_id", policy=STAY, label="合并记录")
register("post", "enterprise_id", label="企业账号")
