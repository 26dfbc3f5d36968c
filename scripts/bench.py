"""Speed and memory as ratios to a limit measured in the same run (docs/performance.md holds the last figures).

usage: python3 scripts/bench.py [--at sqlite:100000,postgresql:1000000] [--only import,list,…] [--runs 3] [--keep DIR] [--write FILE]

For each database and size: a fresh installation with demo data in a temporary folder, the product's server as run.py starts it,
limit programs of tests/bench/limits beside it. Every figure is a median of alternating runs. PostgreSQL runs with fsync on.
``--keep DIR`` leaves the installations in DIR and uses the ones found there again (a million enterprises take a while to load).
"""

from __future__ import annotations

import argparse
import gzip
import http.cookiejar
import json
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _setup
from _postgres import DURABLE, Cluster, programs
from run import web_server

ROOT = _setup.ROOT
LIMITS = ROOT / "tests" / "bench" / "limits"
ROWS = ("import", "list", "deep", "search", "towns", "home", "screening", "rebuild", "verdicts", "export", "memory", "start", "visit", "log")


IMPORT_ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))


@dataclass
class Figure:
    """One line of the table: ``reach`` as printed in the plan; ``held`` None when only reported."""

    work: str
    database: str
    size: int
    ours: str
    limit: str
    ratio: str
    reach: str
    held: bool | None


@dataclass
class Bench:
    """One installation under measurement."""

    python: Path
    kind: str
    size: int
    folder: Path
    url: str
    conninfo: str
    runs: int
    installed: bool = False
    figures: list[Figure] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        ours = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # a start finds its bytecode, as everywhere
        return {
            **ours, "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"), "YUMIAO_MODE": "demo", "YUMIAO_DATA_DIR": str(self.folder / "data"), "YUMIAO_DATABASE_URL": self.url,
            "YUMIAO_LOG_LEVEL": "WARNING", "YUMIAO_RATE_PER_MINUTE": "100000000", "LIMIT_DATABASE": self.conninfo, "FLASK_APP": "wsgi",
        }

    def flask(self, *arguments: str) -> str:
        """Run a command of the product."""
        command = [str(self.python), "-m", "flask", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"flask {' '.join(arguments)} failed with {done.returncode}")
        return done.stdout

    def add(self, work: str, ours: float, limit: float, reach: float, unit: str, *, higher_is_better: bool = False) -> None:
        """Add a ratio line: ours / limit against what is to be reached."""
        ratio = ours / limit if limit else float("inf")
        held = ratio >= reach if higher_is_better else ratio <= reach
        sign = "≥" if higher_is_better else "≤"
        line = Figure(work, self.kind, self.size, f"{ours:,.2f} {unit}", f"{limit:,.2f} {unit}", f"{ratio:.2f}", f"{sign} {reach}", held)
        self.figures.append(line)
        print(row(line), flush=True)

    def add_bound(self, work: str, ours: float, bound: float, unit: str) -> None:
        """Add a line that is compared with a fixed bound."""
        line = Figure(work, self.kind, self.size, f"{ours:,.2f} {unit}", "–", "–", f"≤ {bound:g} {unit}", ours <= bound)
        self.figures.append(line)
        print(row(line), flush=True)


def row(figure: Figure) -> str:
    """A Markdown table row."""
    held = {True: "held", False: "**missed**", None: "reported"}[figure.held]
    return f"| {figure.work} | {figure.database} | {figure.size:,} | {figure.ours} | {figure.limit} | {figure.ratio} | {figure.reach} | {held} |"


HEADER = "| work | database | enterprises | ours | limit | ratio | reach | |\n|---|---|---|---|---|---|---|---|"


def timed(command: Sequence[str], env: dict[str, str]) -> tuple[float, float]:
    """Wall seconds and peak MB of the largest process of a command (children included)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(map(str, command))} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def alternate(ours: Callable[[], float], limit: Callable[[], float], runs: int) -> tuple[float, float]:
    """Medians of both, measured in turn."""
    pairs = [(ours(), limit()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(bench: Bench, target: str | None = None, working: Path = ROOT, first: str = "/login") -> Iterator[tuple[int, int, float]]:
    """The web server as run.py starts it, or a limit program under the same server: (port, process id, seconds to the first answer)."""
    port = free_port()
    command = web_server(bench.python, "127.0.0.1", port) if target is None else [
        str(bench.python), "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", "1", "--http", "1", "--no-ws", "--log-level", "warning", target,
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=working, env={**bench.env, "PYTHONPATH": str(ROOT)}, start_new_session=True)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{first}", timeout=5).read()
                break
            except OSError:
                if time.perf_counter() - start > 60:
                    raise
                time.sleep(0.01)
        yield port, process.pid, time.perf_counter() - start
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Browser:
    """Signs in and reads pages with cookies."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> str:
        return self.opener.open(self.base + path, timeout=120).read().decode()

    def sign_in(self, login: str, password: str) -> None:
        page = self.get("/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "no CSRF field on the login page"
        form = urllib.parse.urlencode({"csrf_token": token[1], "login": login, "password": password}).encode()
        self.opener.open(self.base + "/login", data=form, timeout=60).read()

    def sent(self, path: str) -> bytes:
        """The body as it came over the line."""
        asked = urllib.request.Request(self.base + path, headers={"Accept-Encoding": "gzip"})
        return bytes(self.opener.open(asked, timeout=60).read())

    @property
    def cookie(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self.jar)


def load(
    bench: Bench, port: int, path: str, cookie: str, clients: int, seconds: float, post: dict[str, Any] | None = None,
) -> dict[str, float]:
    """Drive a page with the load client in a process of its own; ``post`` sends that instead."""
    script = str(ROOT / "scripts" / "_load.py")
    command = [str(bench.python), script, "127.0.0.1", str(port), path, cookie, str(clients), str(seconds), *([] if post is None else [json.dumps(post)])]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    if answer["errors"]:
        raise SystemExit(f"{path}: {answer['errors']} answers were not 200")
    return answer


def p50(bench: Bench, port: int, path: str, cookie: str) -> float:
    """Median milliseconds of one client alone."""
    return load(bench, port, path, cookie, 1, 2.0)["p50_ms"]


def measure_pages(bench: Bench, only: Sequence[str]) -> None:
    """List, deep page, search, town table, home, memory, first visit: over HTTP, signed in."""
    with server(bench) as (port, pid, _), server(bench, "page:app", LIMITS, "/") as (bare, _, _):
        browser = Browser(port)
        browser.sign_in("bureau", _demo_password(bench))
        cookie, first = browser.cookie, "/enterprises/"
        if "list" in only:
            ours, limit = alternate(
                lambda: (lambda a: a["requests"] / a["seconds"])(load(bench, port, first, cookie, 16, 4)),
                lambda: (lambda a: a["requests"] / a["seconds"])(load(bench, bare, "/", "", 16, 4)), bench.runs)
            bench.add("list page, 16 clients", ours, limit, 0.25, "req/s", higher_is_better=True)
            ours, limit = alternate(lambda: p50(bench, port, first, cookie), lambda: p50(bench, bare, "/", ""), bench.runs)
            bench.add("list page alone, p50", ours, limit, 4, "ms")
        if "deep" in only:
            deep = _page(browser, first, min(1000, bench.size // 60))
            ours, limit = alternate(lambda: p50(bench, port, deep, cookie), lambda: p50(bench, port, first, cookie), bench.runs)
            bench.add("deep page against page 1, p50", ours, limit, 1.3, "ms")
        if "search" in only:
            rare, usual, common = search_words(bench)
            for work, text in ((f"search, rare ({rare})", rare), (f"search, one name in fifty ({usual})", usual)):
                path = first + "?" + urllib.parse.urlencode({"q": text})
                ours, limit = alternate(lambda path=path: p50(bench, port, path, cookie), lambda: p50(bench, port, first, cookie), bench.runs)
                bench.add(work + " against page 1, p50", ours, limit, 3, "ms")
            path = first + "?" + urllib.parse.urlencode({"q": common})
            times = statistics.median(p50(bench, port, path, cookie) for _ in range(bench.runs))
            bench.add_bound(f"search, the commonest ({common}), p50", times, 50, "ms")
        for key, work, path, reach in (
            ("towns", "town table", "/indicators/", 1.0), ("home", "home", "/", 1.0), ("screening", "pool screening", "/ladder/pools/screening", 3.0),
        ):
            if key in only:
                ours, limit = alternate(lambda path=path: p50(bench, port, path, cookie), lambda: p50(bench, port, first, cookie), bench.runs)
                bench.add(f"{work} against page 1, p50", ours, limit, reach, "ms")
        if "memory" in only:
            load(bench, port, first, cookie, 16, 4)
            bench.add_bound("memory of 2 workers under load, PSS", _pss(pid), 150, "MB")
        if "visit" in only:
            bench.add_bound("first visit of an ordinary page, compressed", _weight(browser, first) / 1024, 100, "kB")


def connect(bench: Bench) -> Any:
    """A driver connection of our own."""
    if bench.kind == "sqlite":
        return sqlite3.connect(bench.conninfo)
    sys.path.insert(0, str(next(bench.python.parent.parent.glob("lib/python*/site-packages"))))
    import psycopg

    return psycopg.connect(bench.conninfo, autocommit=True)


def search_words(bench: Bench) -> tuple[str, str, str]:
    """Pairs of characters of the stored names: one that at most 50 names hold, one that about every fiftieth holds, the commonest."""
    with connect(bench) as connection:
        step = max(1, bench.size // 100_000)
        names = [row[0] for row in connection.execute(f"SELECT name FROM enterprise WHERE id % {step} = 0")]
        found = Counter(pair for name in names for pair in {name[i:i + 2] for i in range(len(name) - 1)} if not re.search(r"[\W\d_]", pair))
        usual = min(found, key=lambda pair: abs(found[pair] / len(names) - 0.02))
        for pair, _ in reversed(found.most_common()):
            if 0 < connection.execute(f"SELECT count(*) FROM enterprise WHERE name LIKE '%{pair}%'").fetchone()[0] <= 50:
                return pair, usual, found.most_common(1)[0][0]
    raise SystemExit("no rare pair of characters in the demo names")


def _page(browser: Browser, path: str, number: int) -> str:
    """Walk the "next" links to page ``number``."""
    for _ in range(number - 1):
        link = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', browser.get(path))
        if link is None:
            break
        path = (link[1] or link[2]).replace("&amp;", "&")
    return path


def _weight(browser: Browser, path: str) -> int:
    """Bytes of the page and everything it loads, as the server sends them to a browser that takes gzip."""
    body = browser.sent(path)
    total, page = len(body), (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
    for link in dict.fromkeys(re.findall(r'(?:src|href)="(/static/[^"#]+)', page)):
        total += len(browser.sent(link))
    return total


def _pss(pid: int) -> float:
    """Proportional memory of a process and its children in MB (Linux)."""
    total, queue = 0, [pid]
    while queue:
        current = queue.pop()
        try:
            rollup = Path(f"/proc/{current}/smaps_rollup").read_text()
            children = Path(f"/proc/{current}/task/{current}/children").read_text().split()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])  # type: ignore[index]
        queue += [int(c) for c in children]
    return total / 1024


def _demo_password(bench: Bench) -> str:
    for line in bench.flask("demo", "accounts").splitlines():
        login, password, *_ = line.split("\t")
        if login == "bureau":
            return password
    raise SystemExit("no demo account bureau")


def measure_log(bench: Bench) -> None:
    """Log a visit (session, token, scope, rules, audit, summary, ledger) against a bare POST that inserts one row; no answer may be an error."""
    with server(bench) as (port, _, _), server(bench, "post:app", LIMITS, "/") as (bare, _, _):
        browser = Browser(port)
        browser.sign_in("bureau", _demo_password(bench))
        token = json.loads(browser.get("/api/v1/session"))["csrf_token"]
        with connect(bench) as connection:
            firm = connection.execute("SELECT min(id) FROM enterprise WHERE status = 'active' AND merged_into_id IS NULL").fetchone()[0]
        said = {"enterprise_id": firm, "visited_on": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)), "summary": "看了新生产线，订单稳定。第#N#次"}
        head = {"Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": "bench-#N#"}
        post = {"headers": head, "body": json.dumps(said, ensure_ascii=False)}
        lasts: list[float] = []

        def ours() -> float:
            answer = load(bench, port, "/api/v1/visits", browser.cookie, 16, 4, post)
            lasts.append(answer["p95_ms"])
            return answer["requests"] / answer["seconds"]

        def limit() -> float:
            answer = load(bench, bare, "/", "", 16, 4, post)
            return answer["requests"] / answer["seconds"]

        mine, least = alternate(ours, limit, bench.runs)
        bench.add("log a visit, 16 clients", mine, least, 0.25, "req/s", higher_is_better=True)
        if bench.kind == "sqlite":  # one writer at a time: the figure is told, the promise is that nobody is refused (load() stops at an error)
            bench.figures[-1].held = None
        else:
            bench.add_bound("log a visit, 16 clients, p95", statistics.median(lasts), 60, "ms")


def measure_start(bench: Bench) -> None:
    """Seconds from starting the server to its first answer."""
    seconds = []
    for _ in range(max(3, bench.runs)):
        with server(bench) as (_, _, started):
            seconds.append(started)
    bench.add_bound("cold start to the first answer", statistics.median(seconds), 1.0, "s")


def measure_import(bench: Bench) -> None:
    """A workbook of 100,000 new rows x 20 columns, as a whole command, against the bare pipeline."""
    rows = IMPORT_ROWS
    file = bench.folder / f"import-{rows}.xlsx"
    if not file.exists() or file.stat().st_mtime < (ROOT / "tests" / "bench" / "workbook.py").stat().st_mtime:
        subprocess.run([str(bench.python), "-m", "tests.bench.workbook", str(file), str(rows)], cwd=ROOT, env=bench.env, check=True)
    peaks: list[float] = []

    def ours() -> float:
        seconds, peak = timed([str(bench.python), "-m", "flask", "enterprises", "import", str(file), "--json"], bench.env)
        peaks.append(peak)
        _forget(bench)
        return seconds

    def limit() -> float:
        return timed([str(bench.python), str(LIMITS / "import_rows.py"), str(file), bench.conninfo], bench.env)[0]

    mine, bare = alternate(ours, limit, bench.runs)
    bench.add(f"import {rows:,} x 20", mine, bare, 2.0, "s")
    bench.add_bound("import, largest process", max(peaks), 300, "MB")


def _forget(bench: Bench) -> None:
    """Undo the last import, so that the next run imports new rows again."""
    bench.flask("imports", "undo", "--last", "--yes")


def measure_export(bench: Bench) -> None:
    """The enterprise list of 100,000 rows x 20 columns as a workbook, as a whole command."""
    rows = min(100_000, bench.size)
    target, other = bench.folder / "export.xlsx", bench.folder / "limit.xlsx"
    mine, bare = alternate(
        lambda: timed([str(bench.python), "-m", "flask", "enterprises", "export", str(target), "--limit", str(rows)], bench.env)[0],
        lambda: timed([str(bench.python), str(LIMITS / "export_rows.py"), bench.conninfo, str(other), str(rows)], bench.env)[0], bench.runs)
    bench.add(f"export {rows:,} x 20", mine, bare, 1.5, "s")


def measure_rebuild(bench: Bench) -> None:
    """Rebuild of the stored town counts of all years against one raw GROUP BY per year and indicator; the numbers must be equal."""
    mine, bare, raw = [], [], {}
    for _ in range(bench.runs):
        mine.append(json.loads(bench.flask("indicators", "rebuild", "--time", "--json"))["seconds"])
        with connect(bench) as connection:
            stored = {(str(item), year): n for item, year, n in connection.execute("SELECT item, year, sum(value) FROM town_count GROUP BY item, year")}
        command = [str(bench.python), str(LIMITS / "group_by.py"), bench.conninfo, ",".join(str(y) for y in sorted({y for _, y in stored}))]
        answer = json.loads(subprocess.run(command, env=bench.env, stdout=subprocess.PIPE, check=True, text=True).stdout)
        bare.append(answer["seconds"])
        raw = {(item, year): n for item, year, n in answer["counts"]}
    bench.add("rebuild of the town counts, all years", statistics.median(mine), statistics.median(bare), 1.2, "s")
    differing = {key: (stored.get(key), raw.get(key)) for key in {*stored, *raw} if stored.get(key, 0) != raw.get(key, 0)}
    if differing:
        print(f"town counts differ from raw SQL (ours, raw): {differing}", file=sys.stderr)
    bench.add_bound("town counts that differ from raw SQL", len(differing), 0, "")


def measure_verdicts(bench: Bench) -> None:
    """Every verdict of every rule worked out and stored, against one hand-written statement that stores the bit masks; one enterprise alone."""
    today = json.loads(bench.flask("ladder", "verdicts", "--one", "300"))
    day = time.strftime("%Y-%m-%d")

    def ours() -> float:
        return float(json.loads(bench.flask("ladder", "verdicts", "--fresh", "--json"))["seconds"])

    def limit() -> float:
        command = [str(bench.python), str(LIMITS / "verdicts.py"), bench.conninfo, day]
        return float(json.loads(subprocess.run(command, env=bench.env, stdout=subprocess.PIPE, check=True, text=True).stdout)["seconds"])

    mine, bare = alternate(ours, limit, bench.runs)
    bench.add("every verdict of every rule", mine, bare, 1.5, "s")
    bench.add_bound("every verdict of one enterprise, median", today["ms"], 1.0, "ms")


def install(bench: Bench) -> None:
    """A fresh installation with demo data."""
    print(f"\n{bench.kind}, {bench.size:,} enterprises: installing …", file=sys.stderr, flush=True)
    started = time.perf_counter()
    for command in (["db", "upgrade"], ["areas", "load"], ["packs", "load", "liaocheng"], ["demo", "load", "--enterprises", str(bench.size)]):
        bench.flask(*command)
    if bench.kind == "postgresql":
        connect(bench).execute("VACUUM ANALYZE")  # as the server's own housekeeping leaves it after a while
    print(f"{bench.kind}, {bench.size:,}: installed in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


def run(bench: Bench, only: Sequence[str]) -> None:
    """All wanted rows on one installation."""
    if not bench.installed:
        install(bench)
        (bench.folder / "installed").touch()
    if set(only) & {"list", "deep", "search", "towns", "home", "screening", "memory", "visit"}:
        measure_pages(bench, only)
    for key, measure in (("start", measure_start), ("rebuild", measure_rebuild), ("verdicts", measure_verdicts), ("export", measure_export), ("import", measure_import),
                         ("log", measure_log)):
        if key in only:
            measure(bench)


@contextmanager
def place(kind: str, size: int, keep: Path | None) -> Iterator[Path]:
    """The folder of an installation: kept under ``keep``, else removed behind it."""
    folder = Path(tempfile.mkdtemp(prefix="yumiao-bench-")) if keep is None else keep.resolve() / f"{kind}-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # PostgreSQL runs as somebody else when we are root
    try:
        yield folder
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def benches(chosen: argparse.Namespace, python: Path) -> Iterator[Bench]:
    """One prepared installation after the other."""
    for kind, _, size in (word.partition(":") for word in chosen.at.split(",")):
        with place(kind, int(size), chosen.keep) as folder:
            ready = (folder / "installed").exists()
            if kind == "sqlite":
                path = folder / "bench.db"
                yield Bench(python, kind, int(size), folder, f"sqlite:///{path}", str(path), chosen.runs, ready)
                continue
            found = programs()
            if found is None:
                raise SystemExit("PostgreSQL server programs not found; use --at sqlite:100000")
            with Cluster(found, DURABLE, folder / "pg") as cluster:
                host = cluster.url.split("host=")[1]
                yield Bench(python, kind, int(size), folder, cluster.url, f"host={host} user=yumiao dbname=postgres", chosen.runs, ready)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", default="sqlite:100000,postgresql:1000000", help="database:enterprises, separated by commas")
    parser.add_argument("--keep", type=Path, help="leave the installations here and use the ones found")
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    python = _setup.ensure_environment("requirements-dev.txt")
    _setup.build_front_end(python)
    figures: list[Figure] = []
    print(HEADER, flush=True)
    for bench in benches(chosen, python):
        run(bench, chosen.only.split(","))
        figures += bench.figures
    if chosen.write:
        chosen.write.write_text("\n".join([HEADER, *map(row, figures)]) + "\n", encoding="utf-8")
    return 1 if any(f.held is False for f in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
