"""Pages of the workbench that need a query."""

from tests.pages_registry import query

query("workbench.search", "?q=柳园")
