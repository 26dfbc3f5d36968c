"""Changes of this capability: ``signin`` (sessions, own password; re-exported here), ``accounts`` (accounts and posts of others)."""

from app.identity.actions.signin import (
    Browser as Browser,
    Checked as Checked,
    NewPassword as NewPassword,
    change_password as change_password,
    check_login as check_login,
    confirm as confirm,
    hash_new as hash_new,
    normal_login as normal_login,
    open_session as open_session,
    revoke_all_sessions as revoke_all_sessions,
    revoke_session as revoke_session,
    set_large_type as set_large_type,
    sign_in as sign_in,
    sign_out as sign_out,
)
