"""Pure rules: the life of register entries, proposals of teams, matching, yearly scoring."""
