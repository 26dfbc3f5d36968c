# coding: utf-8
"""Run every check with one command: ``python3 scripts/test.py``. Further arguments go to pytest (``-k name``, a path …).

Makes .venv, installs, builds the front end; then import contracts, lint, types, the tests on SQLite (browser tests included when
there is a Chromium) and, when PostgreSQL's programs are there, the tests again on a throw-away cluster. Not zero = something failed.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "育苗需要 Python 3.11 或更高版本，当前是 %d.%d。\n"
        "Yumiao needs Python 3.11 or newer; this is %d.%d. Install one, then: python3.11 scripts/test.py" % (sys.version_info[:2] * 2)
    )

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from _postgres import Cluster, ClusterFailed, programs
from _setup import ROOT, SetupFailed, build_front_end, debian_install, ensure_environment, say, speak_chinese

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_POSTGRES = (
    "tests/migrations", "tests/demo", "tests/workbench", "tests/infra/test_worker.py", "tests/infra/test_scheduler.py",
    "tests/enterprises/test_search.py", "tests/enterprises/test_listing.py", "tests/enterprises/test_records.py", "tests/enterprises/test_figures.py",
    "tests/enterprises/test_merging.py", "tests/enterprises/test_cancellation.py", "tests/ladder/test_ladder_counts.py",
    "tests/ladder/test_ladder_actions.py", "tests/indicators/test_indicator_numbers.py", "tests/exchange/test_import_plan.py",
    "tests/exchange/test_import_apply.py", "tests/exchange/test_import_undo.py",
)
"""What can differ between the databases: SQL of search, lists, counts, imports, locks, migrations. ``YUMIAO_TEST_ALL=1`` runs everything there."""
MOST_SHAKY = 15
"""More failures than this are no accident of timing."""
FONT_PACKAGE = "fonts-noto-cjk"  # Chinese text in screenshots and measured widths


class Run:
    """Runs the checks one after the other and remembers how each went."""

    def __init__(self, python: Path, env: dict[str, str]) -> None:
        self.python, self.env = python, env
        self.outcomes: list[tuple[str, str]] = []
        self.failed = False

    def check(self, name: str, *command: str, env: dict[str, str] | None = None) -> None:
        say(f"\n=== {name}")
        started = time.monotonic()
        code = subprocess.run([str(self.python), *command], cwd=ROOT, env={**self.env, **(env or {})}).returncode
        self.note(name, f"{'ok' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - started:.0f} s", failed=code != 0)

    def tests(self, name: str, given: Sequence[str], *more: str, env: dict[str, str] | None = None) -> None:
        """Run the tests. What failed is run once more, alone: tests that kill and time processes can lose on a crowded machine.
        Whoever passes only then is named in the summary."""
        cache = ROOT / ".pytest_cache" / ("postgresql" if env else "sqlite")
        environment, started = {**self.env, **(env or {})}, time.monotonic()
        say(f"\n=== {name}")
        base = [str(self.python), "-m", "pytest", "-o", f"cache_dir={cache}"]
        shutil.rmtree(cache, ignore_errors=True)
        code = subprocess.run([*base, *pytest_arguments(given), *more], cwd=ROOT, env=environment).returncode
        shaky = _failed_before(cache) if code == 1 else []
        if shaky and len(shaky) <= MOST_SHAKY:
            say(f"\n=== {name}: once more, alone: {', '.join(shaky)}")
            code = subprocess.run([*base, "-n", "0", *shaky], cwd=ROOT, env=environment).returncode
        seconds = time.monotonic() - started
        if code:
            self.note(name, f"FAILED ({code}) in {seconds:.0f} s", failed=True)
        else:
            self.note(name, f"ok in {seconds:.0f} s" + (f"; passed only alone: {', '.join(shaky)}" if shaky else ""))

    def note(self, name: str, outcome: str, *, failed: bool = False) -> None:
        self.outcomes.append((name, outcome))
        self.failed |= failed


def find_browser() -> str | None:
    """The Chromium to test with: ``YUMIAO_CHROMIUM``, one on the path, else Debian's package where we may install it."""
    named = os.environ.get("YUMIAO_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None and debian_install("chromium", FONT_PACKAGE):
        found = shutil.which("chromium")
    if found and not _has_chinese_font():
        debian_install(FONT_PACKAGE)
    return found


def _has_chinese_font() -> bool:
    try:
        return bool(subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True).stdout.strip())
    except OSError:
        return False


def _failed_before(cache: Path) -> list[str]:
    """The tests pytest remembers as failed."""
    try:
        return sorted(json.loads((cache / "v" / "cache" / "lastfailed").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def pytest_arguments(given: Sequence[str]) -> list[str]:
    """Two processes, a file's tests kept together; whoever names -n or asks for --pdb decides alone."""
    alone = any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in given)
    return [*([] if alone else ["-n", "2", "--dist", "loadfile"]), *given]


def run_all(given: Sequence[str]) -> Run:
    python = ensure_environment("requirements-dev.txt")
    build_front_end(python)
    browser = find_browser()
    run = Run(python, {**os.environ, "YUMIAO_MODE": "test"})
    for name in ("YUMIAO_TEST_PG_URL", "PYTHONDONTWRITEBYTECODE"):  # the many processes that tests start find their bytecode
        run.env.pop(name, None)
    if browser:
        run.env["YUMIAO_CHROMIUM"] = browser
    run.check("import contracts", "-c", "import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())")
    run.check("lint", "-m", "ruff", "check", ".")
    run.check("types", "-m", "mypy")
    run.tests("tests on SQLite", given)
    if browser is None:
        run.note("browser tests", "NOT RUN (no Chromium found; install the package chromium or set YUMIAO_CHROMIUM)")
    test_on_postgres(run, given)
    return run


def test_on_postgres(run: Run, given: Sequence[str]) -> None:
    """The same tests without the browser, on a cluster that lives as long as they do."""
    name = "tests on PostgreSQL"
    folder = programs()
    if folder is None:
        run.note(name, "NOT RUN (initdb not found; install the package postgresql)")
        return
    try:
        with Cluster(folder) as cluster:
            chosen = () if given or os.environ.get("YUMIAO_TEST_ALL") == "1" else ON_POSTGRES
            run.tests(name, given, *chosen, *([] if "-m" in given else ["-m", "not browser"]), env={"YUMIAO_TEST_PG_URL": cluster.url})
    except ClusterFailed as failure:
        run.note(name, f"FAILED: {failure}", failed=True)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(given: Sequence[str]) -> int:
    speak_chinese()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        run = run_all(given)
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已中断。 / Interrupted.", file=sys.stderr)
        return 130
    say("\n=== summary")
    for name, outcome in run.outcomes:
        say(f"{name}: {outcome}")
    missing = [name for name, outcome in run.outcomes if outcome.startswith("NOT RUN")]
    say(f"{'FAILED' if run.failed else 'All checks passed'}{'; NOT RUN: ' + ', '.join(missing) if missing else ''}.")
    return int(run.failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
