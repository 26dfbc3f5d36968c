"""Reading: ``signin`` (the signed-in person, sessions; re-exported here), ``accounts`` (people and posts), ``logs`` (audit, logins)."""

from app.identity.queries.signin import (
    Known as Known,
)
from app.identity.queries.signin import (
    PostRow as PostRow,
)
from app.identity.queries.signin import (
    count_failures_from as count_failures_from,
)
from app.identity.queries.signin import (
    find_login as find_login,
)
from app.identity.queries.signin import (
    find_principal as find_principal,
)
from app.identity.queries.signin import (
    list_own_logins as list_own_logins,
)
from app.identity.queries.signin import (
    list_posts as list_posts,
)
from app.identity.queries.signin import (
    list_sessions as list_sessions,
)
from app.identity.queries.signin import (
    token_hash as token_hash,
)
