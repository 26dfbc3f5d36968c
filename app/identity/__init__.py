"""账号与权限: users, posts (role x area), sessions, login. Roles are code (``roles.py``); scope is resolved from the posts held today."""
