"""服务商联盟与专家服务队: providers, experts, the resource pool, teams with dated members, seconded liaisons, who serves whom, yearly screening.

Serves 004 三 (服务商联盟, 服务资源池, 专家, 10 个服务队, 入驻), 四(一) 服务专员, 四(二) and 002 三(一)4 (机构库, 专家库, 评价, 动态筛选).
A team and a provider are organisations: their ids are ``organisation.id``. Public surface: ``queries`` (``team_choices``, ``members_on``,
``teams_of_user``, ``experts_of_team``, ``assignment_of``, ``matching``), ``actions`` (``assign``, ``release``, ``score_year``), ``due``, and
``queries.evidence.register``: who knows how a provider, expert or project did in a year.
"""
