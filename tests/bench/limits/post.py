"""Limit of logging a visit: bare Flask, one driver connection, one row inserted durably. Nobody is signed in, nothing is checked or recorded.

``LIMIT_DATABASE`` is a path (SQLite) or a conninfo (PostgreSQL). Same server, same workers and the same durability as the product.
"""

import os
import sqlite3
import threading
from typing import Any

from flask import Flask, request

DATABASE = os.environ["LIMIT_DATABASE"]
SQLITE = DATABASE.startswith("/")
app = Flask(__name__)
_local = threading.local()


def connection() -> Any:
    """This thread's connection; the table is made by whoever comes first."""
    if not hasattr(_local, "connection"):
        if SQLITE:
            _local.connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=20)
            _local.connection.execute("PRAGMA journal_mode=WAL")
            _local.connection.execute("PRAGMA synchronous=FULL")
        else:
            import psycopg

            _local.connection = psycopg.connect(DATABASE, autocommit=True)
        key = "integer" if SQLITE else "bigserial"
        _local.connection.execute(f"CREATE TABLE IF NOT EXISTS limit_visit (id {key} PRIMARY KEY, enterprise_id bigint, visited_on date, summary text)")
    return _local.connection


@app.get("/")
def ready() -> str:
    connection()
    return "ready"


@app.post("/")
def log() -> str:
    """One row."""
    said, mark = request.get_json(), "?" if SQLITE else "%s"
    values = (said["enterprise_id"], said["visited_on"], said["summary"])
    connection().execute(f"INSERT INTO limit_visit (enterprise_id, visited_on, summary) VALUES ({mark}, {mark}, {mark})", values)
    return "stored"
