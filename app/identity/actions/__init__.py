"""Changes of this capability: ``signin`` (sessions, own password; re-exported here), ``accounts`` (accounts and posts of others)."""

from app.identity.actions.signin import (
    Browser as Browser,
)
from app.identity.actions.signin import (
    Checked as Checked,
)
from app.identity.actions.signin import (
    NewPassword as NewPassword,
)
from app.identity.actions.signin import (
    change_password as change_password,
)
from app.identity.actions.signin import (
    check_login as check_login,
)
from app.identity.actions.signin import (
    confirm as confirm,
)
from app.identity.actions.signin import (
    forget_old as forget_old,
)
from app.identity.actions.signin import (
    hash_new as hash_new,
)
from app.identity.actions.signin import (
    normal_login as normal_login,
)
from app.identity.actions.signin import (
    open_session as open_session,
)
from app.identity.actions.signin import (
    revoke_all_sessions as revoke_all_sessions,
)
from app.identity.actions.signin import (
    revoke_session as revoke_session,
)
from app.identity.actions.signin import (
    set_large_type as set_large_type,
)
from app.identity.actions.signin import (
    sign_in as sign_in,
)
from app.identity.actions.signin import (
    sign_out as sign_out,
)
