"""梯度培育: titles, recognitions with explicit validity, the three counts, computed rungs, boards and funnels (004 三(二)).

Public surface: ``queries`` (holders, counts new / cumulative / stock as of a date and as known on a date), ``actions``.
"""
