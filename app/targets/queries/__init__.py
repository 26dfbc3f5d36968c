"""Reading targets: every target of a city on a day, the enterprises behind a count, the entered values of a metric."""

from app.targets.queries.counts import Ask, counts, members
from app.targets.queries.progress import Line, find_line, lines
from app.targets.queries.values import current_value, versions

__all__ = ["Ask", "Line", "counts", "current_value", "find_line", "lines", "members", "versions"]
