"""Reading: ``signin`` (the signed-in person, sessions; re-exported here), ``accounts`` (people and posts), ``logs`` (audit, logins)."""

from app.identity.queries.signin import (
    Known as Known,
    PostRow as PostRow,
    count_failures_from as count_failures_from,
    find_login as find_login,
    find_principal as find_principal,
    list_own_logins as list_own_logins,
    list_posts as list_posts,
    list_sessions as list_sessions,
    token_hash as token_hash,
)
