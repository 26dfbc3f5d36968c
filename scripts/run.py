# coding: utf-8
"""Start Yumiao with one command: ``python3 scripts/run.py``.

Makes .venv, installs, builds the front end, migrates, loads the policy pack and demo data on the first start, then runs
web server, scheduler and job worker under one supervisor until Ctrl-C. Options: --port --host --data-dir --no-demo.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "育苗需要 Python 3.11 或更高版本，当前是 %d.%d。请安装后用新版本运行，例如：python3.11 scripts/run.py\n"
        "Yumiao needs Python 3.11 or newer; this is %d.%d. Install one, then: python3.11 scripts/run.py" % (sys.version_info[:2] * 2)
    )

import argparse
import errno
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from _setup import ROOT, SetupFailed, build_front_end, ensure_environment, say, speak_chinese
from _supervisor import AlreadyRunning, Child, InstanceLock, Supervisor, listen_problem


def options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="启动育苗系统 / start Yumiao")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，局域网访问用 0.0.0.0 / address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="端口 / port (8000)")
    parser.add_argument("--data-dir", type=Path, help="数据目录 / data directory (YUMIAO_DATA_DIR, ./var)")
    parser.add_argument("--no-demo", action="store_true", help="不装入演示数据和演示账号 / no demo data, no demo accounts")
    return parser.parse_args(argv)


def environment(data_dir: Path | None) -> dict[str, str]:
    """What the children see: demo mode unless the operator says otherwise."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "FLASK_APP": "wsgi:app", "YUMIAO_SUPERVISOR": str(os.getpid())}
    env.setdefault("YUMIAO_MODE", "demo")
    folder = data_dir or Path(env.get("YUMIAO_DATA_DIR") or ROOT / "var")
    env["YUMIAO_DATA_DIR"] = str(folder.expanduser().resolve())
    return env


def web_server(python: Path, host: str, port: int) -> list[str]:
    """granian with two workers of one thread each (``_web.py``); waitress where granian has no build."""
    if any(python.parent.parent.glob("lib/python*/site-packages/granian")):
        return [str(python), str(ROOT / "scripts" / "_web.py"), host, str(port)]
    return [str(python), "-m", "waitress", "--host", host, "--port", str(port), "--threads", "4", "wsgi:app"]


def address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def answers(url: str) -> bool:
    """The application answers, in whatever words."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(url + "/health", timeout=2).close()
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False
    return True


def check_port(host: str, port: int) -> None:
    """Raises ``SetupFailed`` when nothing of ours could listen there."""
    problem = listen_problem(host, port)
    if problem is None:
        return
    if problem.errno == errno.EADDRINUSE:
        raise SetupFailed(
            f"端口 {port} 已被其他程序占用。请换一个端口，例如：python3 scripts/run.py --port {port + 1}\n"
            f"Port {port} is taken by another program. Choose another one, for example: --port {port + 1}"
        )
    raise SetupFailed(
        f"不能在 {host}:{port} 上监听（{problem.strerror}）。请检查 --host 和 --port；1024 以下的端口需要管理员权限。\n"
        f"Cannot listen on {host}:{port} ({problem.strerror}). Check --host and --port; ports below 1024 need administrator rights."
    )


def prepare(python: Path, env: dict[str, str], *, demo: bool) -> None:
    """Migrate; on a first start load areas, pack and demo data. Raises ``SetupFailed``."""
    command = [str(python), "-m", "flask", "first-start", "--demo" if demo else "--no-demo"]
    if subprocess.run(command, cwd=ROOT, env={"YUMIAO_LOG_LEVEL": "WARNING", **env}).returncode:
        raise SetupFailed(
            "建库或装入初始数据没有完成，原因见上；修复后重新运行同一命令，会从中断处继续。\n"
            "The database could not be prepared, see above; run the same command again, it goes on where it stopped."
        )


def welcome(python: Path, env: dict[str, str], url: str, *, demo: bool) -> None:
    say(f"\n育苗已启动 / Yumiao is running:  {url}\n数据目录 / data directory:  {env['YUMIAO_DATA_DIR']}")
    if demo:
        subprocess.run([str(python), "-m", "flask", "demo", "accounts"], cwd=ROOT, env=env)
    say("按 Ctrl-C 停止 / Ctrl-C stops it.\n")


def start(chosen: argparse.Namespace) -> int:
    env = environment(chosen.data_dir)
    demo = env["YUMIAO_MODE"] == "demo" and not chosen.no_demo
    url, lock = address(chosen.host, chosen.port), InstanceLock(Path(env["YUMIAO_DATA_DIR"]))
    lock.take(f"{url}（进程 / process {os.getpid()}）")
    try:
        check_port(chosen.host, chosen.port)
        python = ensure_environment("requirements.txt")
        build_front_end(python)
        prepare(python, env, demo=demo)
        children = [
            Child("web", web_server(python, chosen.host, chosen.port)),
            Child("scheduler", [str(python), "-m", "app.scheduler"]),
            Child("worker", [str(python), "-m", "app.worker"]),
        ]
        return Supervisor(
            children, cwd=ROOT, env=env, say=say, is_ready=lambda: answers(url), on_ready=lambda: welcome(python, env, url, demo=demo)
        ).run()
    finally:
        lock.release()


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    speak_chinese()
    signal.signal(signal.SIGTERM, _interrupt)  # also while installing and loading: the command under way is ended, too
    try:
        return start(options(argv))
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
    except AlreadyRunning as other:
        print(
            f"该数据目录已有一个育苗在运行：{other}。请直接使用它，或先停止它，或用 --data-dir 指定另一个目录。\n"
            f"Yumiao already runs on this data directory. Use it, stop it, or choose another --data-dir.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("已停止。再次运行会从中断处继续。 / Stopped; the next run goes on from here.", file=sys.stderr)
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
