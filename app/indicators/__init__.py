"""强镇 26 指标: the annex of the strong-town plan for every town and data year; register indicators computed, the rest reported (000 附件)."""
