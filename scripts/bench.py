"""Speed and memory as ratios to a limit measured in the same run (docs/performance.md holds the last figures).

usage: python3 scripts/bench.py [--enterprises N[,N]] [--databases sqlite,postgresql] [--only import,list,…] [--runs 3] [--write FILE]

For each database and size: a fresh installation with demo data in a temporary folder, the product's server as run.py starts it,
limit programs of tests/bench/limits beside it. Every figure is a median of alternating runs.
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
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _setup
from _postgres import Cluster, programs

ROOT = _setup.ROOT
LIMITS = ROOT / "tests" / "bench" / "limits"
ROWS = ("import", "list", "deep", "search", "towns", "home", "rebuild", "export", "memory", "start", "visit")


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
    figures: list[Figure] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ, "YUMIAO_MODE": "demo", "YUMIAO_DATA_DIR": str(self.folder / "data"), "YUMIAO_DATABASE_URL": self.url,
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
def server(bench: Bench, target: str, working: Path = ROOT) -> Iterator[tuple[int, int, float]]:
    """The web server as run.py starts it: (port, process id, seconds to the first answer)."""
    port = free_port()
    command = [
        str(bench.python), "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", "1", "--no-ws", "--log-level", "warning", target,
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=working, env={**bench.env, "PYTHONPATH": str(ROOT)}, start_new_session=True)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
                break
            except urllib.error.HTTPError:
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

    @property
    def cookie(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self.jar)


def load(bench: Bench, port: int, path: str, cookie: str, clients: int, seconds: float) -> dict[str, float]:
    """Drive a page with the load client in a process of its own."""
    script = str(ROOT / "scripts" / "_load.py")
    command = [str(bench.python), script, "127.0.0.1", str(port), path, cookie, str(clients), str(seconds)]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)
    if answer["errors"]:
        raise SystemExit(f"{path}: {answer['errors']} answers were not 200")
    return answer


def p50(bench: Bench, port: int, path: str, cookie: str) -> float:
    """Median milliseconds of one client alone."""
    return load(bench, port, path, cookie, 1, 2.0)["p50_ms"]


def measure_pages(bench: Bench, only: Sequence[str]) -> None:
    """List, deep page, search, town table, home, memory, first visit: over HTTP, signed in."""
    with server(bench, "wsgi:app") as (port, pid, _), server(bench, "page:app", LIMITS) as (bare, _, _):
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
            for work, text in (("search, rare two characters", "犇阳"), ("search, rare name", "䶮达")):
                path = first + "?" + urllib.parse.urlencode({"q": text})
                ours, limit = alternate(lambda path=path: p50(bench, port, path, cookie), lambda: p50(bench, port, first, cookie), bench.runs)
                bench.add(work + " against page 1, p50", ours, limit, 3, "ms")
            common = first + "?" + urllib.parse.urlencode({"q": "机械"})
            bench.add_bound("search, common two characters, p50", statistics.median(p50(bench, port, common, cookie) for _ in range(bench.runs)), 50, "ms")
        for key, path in (("towns", "/indicators/"), ("home", "/")):
            if key in only:
                ours, limit = alternate(lambda path=path: p50(bench, port, path, cookie), lambda: p50(bench, port, first, cookie), bench.runs)
                bench.add(f"{'town table' if key == 'towns' else 'home'} against page 1, p50", ours, limit, 1.0, "ms")
        if "memory" in only:
            load(bench, port, first, cookie, 16, 4)
            bench.add_bound("memory of 2 workers under load, PSS", _pss(pid), 150, "MB")
        if "visit" in only:
            bench.add_bound("first visit of an ordinary page, compressed", _weight(browser, first) / 1024, 100, "kB")


def _page(browser: Browser, path: str, number: int) -> str:
    """Walk the "next" links to page ``number``."""
    for _ in range(number - 1):
        link = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', browser.get(path))
        if link is None:
            break
        path = (link[1] or link[2]).replace("&amp;", "&")
    return path


def _weight(browser: Browser, path: str) -> int:
    """Bytes of the page and everything it loads, each gzip-compressed as a server sends it."""
    page = browser.get(path)
    total = len(gzip.compress(page.encode()))
    for link in dict.fromkeys(re.findall(r'(?:src|href)="(/static/[^"#]+)', page)):
        total += len(gzip.compress(browser.opener.open(browser.base + link).read()))
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


def measure_start(bench: Bench) -> None:
    """Seconds from starting the server to its first answer."""
    seconds = []
    for _ in range(max(3, bench.runs)):
        with server(bench, "wsgi:app") as (_, _, started):
            seconds.append(started)
    bench.add_bound("cold start to the first answer", statistics.median(seconds), 1.0, "s")


def measure_import(bench: Bench) -> None:
    """A workbook of 100,000 new rows x 20 columns, as a whole command, against the bare pipeline."""
    rows = 100_000
    file = bench.folder / "import.xlsx"
    if not file.exists():
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
    bench.add("import 100,000 x 20", mine, bare, 2.0, "s")
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
    bench.add("export 100,000 x 20", mine, bare, 1.5, "s")


def measure_rebuild(bench: Bench) -> None:
    """Rebuild of the stored town counts against one raw GROUP BY per indicator."""
    answer = json.loads(bench.flask("indicators", "rebuild", "--time", "--json"))
    limit = json.loads(subprocess.run(
        [str(bench.python), str(LIMITS / "group_by.py"), bench.conninfo], env=bench.env, stdout=subprocess.PIPE, check=True, text=True).stdout)
    bench.add("rebuild of the town counts, one year", answer["seconds_per_year"], limit["seconds"], 1.2, "s")


def install(bench: Bench) -> None:
    """A fresh installation with demo data."""
    print(f"\n{bench.kind}, {bench.size:,} enterprises: installing …", file=sys.stderr, flush=True)
    for command in (["db", "upgrade"], ["areas", "load"], ["packs", "load", "liaocheng"], ["demo", "load", "--enterprises", str(bench.size)]):
        bench.flask(*command)


def run(bench: Bench, only: Sequence[str]) -> None:
    """All wanted rows on one installation."""
    install(bench)
    if set(only) & {"list", "deep", "search", "towns", "home", "memory", "visit"}:
        measure_pages(bench, only)
    for key, measure in (("start", measure_start), ("rebuild", measure_rebuild), ("export", measure_export), ("import", measure_import)):
        if key in only:
            measure(bench)


def benches(chosen: argparse.Namespace, python: Path) -> Iterator[Bench]:
    """One prepared installation after the other; folders and the cluster are removed behind each."""
    for kind in chosen.databases.split(","):
        for size in (int(n) for n in chosen.enterprises.split(",")):
            folder = Path(tempfile.mkdtemp(prefix="yumiao-bench-"))
            try:
                if kind == "sqlite":
                    path = folder / "bench.db"
                    yield Bench(python, kind, size, folder, f"sqlite:///{path}", str(path), chosen.runs)
                else:
                    found = programs()
                    if found is None:
                        raise SystemExit("PostgreSQL server programs not found; use --databases sqlite")
                    with Cluster(found) as cluster:
                        host = cluster.url.split("host=")[1]
                        yield Bench(python, kind, size, folder, cluster.url, f"host={host} user=yumiao dbname=postgres", chosen.runs)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enterprises", default="100000")
    parser.add_argument("--databases", default="sqlite,postgresql")
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
