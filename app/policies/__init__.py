"""政策包版本: stored pack versions, local edits, activation dates.

Files of a pack are loaded as a *shipped* version, exactly as they are. What the bureau changes in the pages becomes a *local* version on top
of it; loading newer files lays the local edits over them and lists them, it never overwrites them. Codes that records use are disabled,
never deleted. What was decided under a version keeps pointing to it (``PackVersion.id``).

Public surface: ``queries.active_pack``, ``queries.pack_of_version``, ``queries.version_in_force``, ``queries.register_usage``.
"""
