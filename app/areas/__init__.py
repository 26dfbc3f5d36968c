"""行政区划: province, city, county or development zone, town; dated membership; organisations and departments (domain: areas).

Public surface: ``models.Area``, ``queries`` (tree, resolution of names and codes, managing unit as of a date), ``actions``.
"""
