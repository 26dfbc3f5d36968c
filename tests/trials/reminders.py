"""R1: reminders under kill -9, long pauses, database crashes and wrong clocks.

    python -m tests.trials.reminders                       # 5,000 reminders, both databases, with the planted control (about 9 minutes)
    python -m tests.trials.reminders --reminders 500 --seconds 60 --database sqlite

Every item that is not done must be told exactly once to each of its three people and posted once to the group (a receiver that drops repeated
keys); what was done must not be told; nothing may come before its moment by the clock of the process that said it. The control runs the same
with a fault planted and must be found broken. Prints raw numbers as JSON lines; exit status 0 = held and the control found.
"""

import argparse
import bisect
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from _postgres import DURABLE, Cluster, programs  # noqa: E402
from sqlalchemy import func, insert, select, update  # noqa: E402
from sqlalchemy.exc import SQLAlchemyError  # noqa: E402

PEOPLE, GRACE, LATE = 3, timedelta(seconds=3), timedelta(seconds=30)
CLOCKS = (0, -3600)
"""Seconds a clock is set wrong by. An hour ahead comes once, late in the run: to that process everything is due at once."""


class Receiver:
    """Drops repeated keys, hangs up before or after taking a message, is slow now and then."""

    def __init__(self, seed: int) -> None:
        self.taken: dict[str, datetime] = {}
        self.repeated = self.hung_up = 0
        chance, lock, receiver = random.Random(seed), threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                key = self.headers["Idempotency-Key"]
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                with lock:
                    luck = chance.random()
                    if luck < 0.05:
                        receiver.hung_up += 1
                    elif key in receiver.taken:
                        receiver.repeated += 1
                    else:
                        receiver.taken[key] = datetime.now(UTC)
                if 0.05 <= luck < 0.08:
                    time.sleep(1.0)
                if luck < 0.12:  # taken or not, the sender never learns
                    self.connection.close()
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

            def handle_one_request(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().handle_one_request()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Trial:
    """One run on one database."""

    def __init__(self, asked: argparse.Namespace, url: str, home: Path, cluster: Cluster | None, fault: str) -> None:
        self.asked, self.cluster, self.fault, self.home = asked, cluster, fault, home
        self.random = random.Random(asked.seed)
        self.receiver = Receiver(asked.seed)
        self.offsets = home / "clocks"
        self.offsets.mkdir()
        self.environment = {
            **os.environ, "YUMIAO_MODE": "test", "YUMIAO_DATA_DIR": str(home / "data"), "YUMIAO_DATABASE_URL": url, "YUMIAO_LOG_LEVEL": "CRITICAL",
            "YUMIAO_HOOK_HOSTS": self.receiver.host, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}",
        }
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        self.done_count: Counter[str] = Counter()
        self.seen: list[tuple[int, datetime]] = []
        self.over = False

    def prepare(self) -> None:
        """Tables, people, the group channel, the items."""
        import config
        from app import create_app
        from app.areas.models import Area
        from app.identity.models import Post, User
        from app.infra import clock, crypto
        from app.infra.db import Base, db
        from app.reminders.models import Channel
        from tests import seeds
        from tests.trials.reminder_worker import METADATA

        self.app = create_app(config.load(self.environment))
        with self.app.app_context():
            Base.metadata.create_all(db.engine)
            METADATA.create_all(db.engine)
            seeds.fill()
            unit = db.session.scalars(select(Area).where(Area.code == "371502")).one()
            for number in range(PEOPLE - 1):
                user = User(login=f"trial{number}", name=f"试验{number}", password_hash="x", area_id=unit.id, created_at=clock.now())
                db.session.add(user)
                db.session.flush()
                db.session.add(Post(user_id=user.id, role_code="county_officer", area_id=unit.id))
            db.session.add(Channel(
                kind="hook", name="试验", area_id=unit.id, host=self.receiver.host, url_cipher=crypto.encrypt(f"http://{self.receiver.host}/hook"),
                secret_cipher=crypto.encrypt("trial"), mode="each", honours_key=True, created_at=clock.now(),
            ))
            self.area_id = unit.id
            db.session.commit()

    def add_items(self) -> None:
        """The items, due from now on; called when every worker is at work."""
        from app.infra.db import db
        from tests.trials.reminder_worker import ITEMS

        start, span = datetime.now(UTC) + timedelta(seconds=5), self.asked.seconds * 0.8
        rows = [
            {"id": n + 1, "due_at": start + timedelta(seconds=self.random.uniform(0, span)), "done": False, "area_id": self.area_id}
            for n in range(self.asked.reminders)
        ]
        self.due = {row["id"]: row["due_at"] for row in rows}
        with self.app.app_context():
            from app.infra import audit
            from app.kernel.actor import SYSTEM

            db.session.execute(insert(ITEMS), rows)
            audit.record("trial.added", audit.Subject("trial", None), None, None, by=SYSTEM)
            db.session.commit()
            db.session.remove()

    def start_worker(self, number: int) -> None:
        command = [sys.executable, "-m", "tests.trials.reminder_worker", "--name", str(number), "--offsets", str(self.offsets), "--plant", self.fault]
        self.workers[number] = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self) -> None:
        """Workers and troubles at random moments, then a quiet end with right clocks."""
        for number in range(self.asked.workers):
            self.start_worker(number)
        until = time.monotonic() + 180
        while len(list(self.offsets.glob("*.ready"))) < self.asked.workers and time.monotonic() < until:
            time.sleep(0.5)
        self.add_items()
        events = [(self.random.uniform(10, self.asked.seconds), kind) for kind, count in (
            ("kill", self.asked.kills), ("pause", self.asked.pauses), ("crash", self.asked.crashes), ("clock", self.asked.clocks),
            ("finish", self.asked.reminders // 20),
        ) for _ in range(count)]  # fmt: skip
        began = time.monotonic()
        events.append((self.asked.seconds * 0.85, "ahead"))
        threading.Thread(target=self._watch, daemon=True).start()
        for moment, kind in sorted(events):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            getattr(self, f"_{kind}")()
            self.done_count[kind] += 1
        for number in self.workers:
            self._set_clock(number, 0)
        self._wait_for_the_end(began)

    def _kill(self) -> None:
        number = self.random.choice(sorted(self.workers))
        self.workers[number].kill()
        self.workers[number].wait()
        self.start_worker(number)

    def _pause(self) -> None:
        worker = self.workers[self.random.choice(sorted(self.workers))]
        if worker.poll() is None:
            worker.send_signal(signal.SIGSTOP)
            threading.Timer(self.random.uniform(6, 12), lambda: worker.poll() is None and worker.send_signal(signal.SIGCONT)).start()

    def _crash(self) -> None:
        """The database dies: PostgreSQL by kill -9 of its master, SQLite by kill -9 of everybody who has it open."""
        if self.cluster is None:
            for worker in self.workers.values():
                worker.kill()
            for number, worker in list(self.workers.items()):
                worker.wait()
                self.start_worker(number)
            return
        server = self.cluster._server
        assert server is not None
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        time.sleep(1.0)
        (self.cluster._home / "data" / "postmaster.pid").unlink(missing_ok=True)
        self.cluster._start()

    def _clock(self) -> None:
        self._set_clock(self.random.choice(sorted(self.workers)), self.random.choice(CLOCKS))

    def _ahead(self) -> None:
        self._set_clock(self.random.choice(sorted(self.workers)), 3600)

    def _watch(self) -> None:
        """When messages stood there by the true clock, to the second: what a process with a wrong clock writes down says nothing about it."""
        from app.infra.db import db
        from app.reminders.models import Notice

        while not self.over:
            with self.app.app_context(), contextlib.suppress(SQLAlchemyError):
                self.seen.append((db.session.scalar(select(func.max(Notice.id))) or 0, datetime.now(UTC)))
                db.session.remove()
            time.sleep(1.0)

    def _arrived(self, notice_id: int) -> datetime:
        place = bisect.bisect_left(self.seen, (notice_id, datetime.min.replace(tzinfo=UTC)))
        return self.seen[min(place, len(self.seen) - 1)][1]

    def _set_clock(self, number: int, seconds: int) -> None:
        (self.offsets / str(number)).write_text(str(seconds))

    def _finish(self) -> None:
        """Somebody finishes an item, as an action does: the change and its audit row in one transaction."""
        from app.infra import audit
        from app.infra.db import db
        from app.kernel.actor import SYSTEM
        from tests.trials.reminder_worker import ITEMS

        item = self.random.choice(sorted(self.due))
        with self.app.app_context():
            try:
                now = datetime.now(UTC)
                db.session.execute(update(ITEMS).where(ITEMS.c.id == item, ITEMS.c.done.is_(False)).values(done=True, done_at=now))
                audit.record("trial.done", audit.Subject("trial", item), None, None, by=SYSTEM)
                db.session.commit()
            except SQLAlchemyError:
                db.session.rollback()
                db.engine.dispose()
            finally:
                with contextlib.suppress(SQLAlchemyError):
                    db.session.remove()

    def _wait_for_the_end(self, began: float) -> None:
        last = max(self.due.values())
        deadline = max(time.monotonic(), began + (last - datetime.now(UTC)).total_seconds()) + self.asked.drain
        ahead = False
        while time.monotonic() < deadline:
            time.sleep(1.0)
            with contextlib.suppress(SQLAlchemyError):
                found = self.judge()
                if datetime.now(UTC) > last and not found["lost"] and not found["hook_lost"]:
                    break
            if not ahead and time.monotonic() > deadline - self.asked.drain / 2:
                ahead = True  # what a wrong clock put off by an hour must come when that hour has passed
                for number in self.workers:
                    self._set_clock(number, 3700)
        self.over = True
        for worker in self.workers.values():
            worker.kill()
            worker.wait()

    def judge(self) -> dict[str, int]:
        """Every reminder against what should have happened."""
        from app.infra.db import db
        from app.reminders.models import DueRow, Notice
        from tests.trials.reminder_worker import ITEMS

        with self.app.app_context():
            done = {row.id: row.done_at for row in db.session.execute(select(ITEMS).where(ITEMS.c.done.is_(True)))}
            told = db.session.execute(
                select(DueRow.id, DueRow.subject, Notice.id.label("notice_id"), Notice.user_id, Notice.step, Notice.created_at).join(DueRow, DueRow.id == Notice.due_id)
            ).all()
            subjects = {row.id: int(row.subject.split(":")[1]) for row in db.session.execute(select(DueRow.id, DueRow.subject))}
            db.session.remove()
        counts = Counter((int(row.subject.split(":")[1]), row.user_id, row.step) for row in told)
        heard: dict[int, set[int]] = {}
        found = {"told": len(told), "lost": 0, "doubled": sum(count - 1 for count in counts.values()), "early": 0, "ghost": 0, "late": 0, "ahead_of_true_time": 0}
        for row in told:
            item = int(row.subject.split(":")[1])
            heard.setdefault(item, set()).add(row.user_id)
            found["early"] += row.created_at < self.due[item]
            arrived = self._arrived(row.notice_id)
            found["late"] += arrived > self.due[item] + LATE
            found["ahead_of_true_time"] += arrived < self.due[item]
            if item in done and arrived > done[item] + GRACE:
                found["ghost"] += 1
        posted = {subjects.get(int(key.split(":")[2])): moment for key, moment in self.receiver.taken.items()}
        must = [item for item, at in self.due.items() if item not in done or done[item] > at + LATE]  # done meanwhile: nothing to tell
        found["lost"] = sum(PEOPLE - len(heard.get(item, ())) for item in must)
        found["hook_lost"] = sum(item not in posted for item in must)
        found["hook_ghost"] = sum(1 for item in posted if item in done and item not in heard)
        found["hook_repeated_and_dropped"], found["hook_hung_up"] = self.receiver.repeated, self.receiver.hung_up
        return found


@contextlib.contextmanager
def database(kind: str, home: Path) -> Iterator[tuple[str, Cluster | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{home / 'trial.db'}", None
        return
    folder = programs()
    if folder is None:
        raise SystemExit("no PostgreSQL on this machine")
    with Cluster(folder, DURABLE) as cluster:
        yield cluster.url, cluster


FAULTS = ("lost", "doubled", "early", "ghost", "hook_lost", "hook_ghost")


def once(asked: argparse.Namespace, kind: str, fault: str = "") -> bool:
    """One run; True = held."""
    with tempfile.TemporaryDirectory(prefix="yumiao-r1-") as folder, database(kind, Path(folder)) as (url, cluster):
        trial = Trial(asked, url, Path(folder), cluster, fault)
        trial.prepare()
        trial.run()
        found = trial.judge()
        trial.receiver.server.shutdown()
    held = not any(found[name] for name in FAULTS)
    said = {"trial": "R1", "database": kind, "planted": fault or None, "reminders": asked.reminders, "people": PEOPLE, **dict(trial.done_count), **found}
    print(json.dumps({**said, "held": held}, ensure_ascii=False), flush=True)
    return held


def main() -> None:
    arguments = argparse.ArgumentParser(description="R1")
    for name, default in (
        ("reminders", 5000), ("workers", 8), ("kills", 40), ("pauses", 15), ("crashes", 4), ("clocks", 12), ("seconds", 120), ("drain", 90), ("seed", 1),
    ):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    arguments.add_argument("--no-control", action="store_true")
    asked = arguments.parse_args()
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    held = [once(asked, kind) for kind in kinds]
    found = True
    if not asked.no_control:
        small = argparse.Namespace(**{**vars(asked), "reminders": min(asked.reminders, 300), "seconds": min(asked.seconds, 40), "drain": 20})
        found = all([not once(small, kinds[-1], "lost"), not once(small, kinds[-1], "double")])
    print(json.dumps({"trial": "R1", "held": all(held), "control_found": found}))
    raise SystemExit(0 if all(held) and found else 1)


if __name__ == "__main__":
    main()
