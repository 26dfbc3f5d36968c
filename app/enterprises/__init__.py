"""企业基础信息库: the record, contacts, yearly figures, events, duplicates and merge, assignments, list summary.

Serves 004 三(一) 企业基础信息库 and everything that counts enterprises. Public surface: ``queries`` (scoped list, search, as-of
attribution), ``actions`` (create, update, figures, merge, ``refresh_summary``), ``references.register`` for merge.
"""
