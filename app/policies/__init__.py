"""政策包版本: stored pack versions, local edits, activation dates."""
