"""Pure rules of the enterprise base: names and their search pieces, industries, size classes, figures, likeness of two records."""
