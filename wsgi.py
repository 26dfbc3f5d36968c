"""Entry point of the web server (``granian --interface wsgi wsgi:app``) and of every command (``FLASK_APP=wsgi``)."""

import gc

gc.disable()  # a thousand modules are loaded and nothing of them can be collected: looking takes a sixth of the time

from app import create_app  # noqa: E402

app = create_app()
gc.freeze()  # later collections leave out what stays for ever
gc.enable()
