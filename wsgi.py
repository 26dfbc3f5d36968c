"""Entry point of the web server (``granian --interface wsgi wsgi:app``) and of every command (``FLASK_APP=wsgi``)."""

import gc
import sys

gc.disable()  # a thousand modules are loaded and nothing of them can be collected: looking takes a sixth of the time

import config  # noqa: E402
from app.exchange.reading import ahead  # noqa: E402

settings = config.load()
ahead.begin(sys.argv[1:], settings.data_dir)

from app import create_app  # noqa: E402

app = create_app(settings)
gc.freeze()  # later collections leave out what stays for ever
gc.enable()
