"""Pure rules of demands: states and steps, clocks, rates, likeness of texts."""
