"""A small load client: keep-alive raw sockets, several processes, nothing parsed but the status line and the length.

Run as ``python _load.py HOST PORT PATH COOKIE CLIENTS SECONDS [POST]``: prints JSON {requests, seconds, p50_ms, p95_ms, errors}.
POST is JSON {"headers": {…}, "body": "…"}: then a POST is sent each time, ``#N#`` in both replaced by a number never used before.
The same client drives the product and the limit, so its own cost is in both.
"""

from __future__ import annotations

import json
import socket
import statistics
import sys
import threading
import time
from itertools import count

NUMBERS = count(time.time_ns() // 1_000)


class Client:
    """One keep-alive connection."""

    def __init__(self, host: str, port: int, path: str, cookie: str, post: dict | None = None) -> None:
        self.address, self.post = (host, port), post
        line = f"{'GET' if post is None else 'POST'} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\n"
        self.head = line + (f"Cookie: {cookie}\r\n" if cookie else "")
        self.request = (self.head + "\r\n").encode()
        self.socket = socket.create_connection(self.address, timeout=30)
        self.rest = b""

    def once(self) -> tuple[int, bytes]:
        """Send the request and read one whole answer: (status, body)."""
        self.socket.sendall(self.request if self.post is None else self.fresh(self.post))
        data = self.rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        if b"content-length:" in lower:
            length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
            while len(body) < length:
                body += self._more()
            body, self.rest = body[:length], body[length:]
        else:
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
            self.rest = b""
        return int(head[9:12]), body

    def fresh(self, post: dict) -> bytes:
        """The request with a number of its own."""
        number = str(next(NUMBERS))
        body = post["body"].replace("#N#", number).encode()
        more = "".join(f"{name}: {value.replace('#N#', number)}\r\n" for name, value in post["headers"].items())
        return f"{self.head}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _more(self) -> bytes:
        chunk = self.socket.recv(262144)
        if not chunk:
            raise ConnectionError("closed by the server")
        return chunk


def run(host: str, port: int, path: str, cookie: str, clients: int, seconds: float, post: dict | None = None) -> dict[str, float]:
    """Closed loop of ``clients`` for ``seconds``."""
    times: list[float] = []
    errors = [0]
    end = time.perf_counter() + seconds

    def loop() -> None:
        client = Client(host, port, path, cookie, post)
        while time.perf_counter() < end:
            start = time.perf_counter()
            status, _ = client.once()
            times.append((time.perf_counter() - start) * 1000)
            errors[0] += status not in (200, 201)

    threads = [threading.Thread(target=loop) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(times) or [0.0]
    return {
        "requests": len(times), "seconds": time.perf_counter() - began, "p50_ms": statistics.median(ordered),
        "p95_ms": ordered[int(len(ordered) * 0.95) - 1], "errors": errors[0],
    }


if __name__ == "__main__":
    given = json.loads(sys.argv[7]) if len(sys.argv) > 7 else None
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]), float(sys.argv[6]), given)))
