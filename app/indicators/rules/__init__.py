"""Pure rules of the strong-town contest: what each column holds, the scoring scheme, references, points, ranks, stability, and the words for each."""

from app.indicators.rules.columns import (
    Column,
    ColumnKind,
    Recipe,
    Spread,
    columns,
    metric_of,
    percentile,
    ranks,
    recipe_of,
    spread,
)

__all__ = ["Column", "ColumnKind", "Recipe", "Spread", "columns", "metric_of", "percentile", "ranks", "recipe_of", "spread"]
