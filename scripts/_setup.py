"""What run.py and test.py share before any package is installed: the virtual environment, pip, stamps, Debian packages.

Standard library only. A stamp holds the hash of what was installed, so a second start neither asks the network nor waits.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WINDOWS = sys.platform == "win32"
WHEEL_DIRS = ("/usr/share/python-wheels", "/usr/share/python3-wheels", "/usr/lib/python3/dist-packages/ensurepip/_bundled")


class SetupFailed(Exception):
    """The machine lacks something; the message says what to do about it (Chinese, then English)."""


def speak_chinese() -> None:
    """Whatever the terminal's character set: a character it lacks is shown as "?", never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def venv_python(venv: Path = VENV) -> Path:
    return venv / ("Scripts/python.exe" if WINDOWS else "bin/python")


def ensure_environment(*requirement_files: str, venv: Path = VENV) -> Path:
    """Make the virtual environment and install the files' packages unless that is done already.

    Returns the path of the environment's Python. Raises ``SetupFailed``.
    """
    python = venv_python(venv)
    usable = _runs(python)
    stamp, wanted = venv / ".yumiao-installed", _fingerprints(requirement_files)
    if usable and stamp.exists() and wanted <= set(stamp.read_text().split()):
        return python
    if not usable:
        _make_venv(venv)
    say("正在安装依赖包（首次约需一两分钟） / installing packages …")
    command = [*_pip_for(python), "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    for name in requirement_files:
        command += ["-r", str(ROOT / name)]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, "PIP_USER": "0"}).returncode:
        raise SetupFailed(
            "安装依赖包失败，原因见上。请检查网络，或用 PIP_INDEX_URL 指向内网的软件包源，然后重新运行同一命令；已完成的部分不会重做。\n"
            "Installing the packages failed (see above). Check the network, or point PIP_INDEX_URL to a mirror, and run the same command again."
        )
    stamp.write_text("\n".join(sorted(wanted)) + "\n")
    return python


def _fingerprints(requirement_files: Sequence[str]) -> set[str]:
    """One per file, those named by ``-r`` lines included: after test.py's set, run.py finds its own installed too.
    The Python they are installed for counts as well."""
    version = f"{sys.version_info[:2]}".encode()
    return {hashlib.sha256(version + path.read_bytes()).hexdigest() for path in _with_included(requirement_files)}


def _with_included(requirement_files: Sequence[str]) -> Iterator[Path]:
    for name in requirement_files:
        path = ROOT / name
        yield path
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from _with_included([line[3:].split("#")[0].strip() for line in lines if line.startswith("-r ")])


def _runs(python: Path) -> bool:
    """An environment copied from elsewhere, or whose base Python was removed or upgraded, does not count as one."""
    if not python.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r} or sys.prefix == sys.base_prefix)"
    try:
        return subprocess.run([str(python), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv(venv: Path) -> None:
    say("正在建立 Python 虚拟环境 / making the virtual environment …")
    if venv.exists():
        if any(venv.iterdir()) and not (venv / "pyvenv.cfg").exists():
            raise SetupFailed(f"{venv} 不是虚拟环境，不敢覆盖；请移走后重试。\n{venv} is not a virtual environment; move it away.")
        shutil.rmtree(venv)
    if not _try_venv(venv):
        debian_install("python3-venv", "python3-pip")
        if not _try_venv(venv):
            raise SetupFailed(
                "这台机器的 Python 缺少 venv 模块。Debian/Ubuntu/麒麟/统信请安装 python3-venv，openEuler/CentOS 请安装 python3，然后重试。\n"
                "This Python has no venv module. Install the package python3-venv (Debian and relatives) and try again."
            )


def _try_venv(venv: Path) -> bool:
    """With its own pip where ensurepip works; Debian leaves ensurepip out, then without (a pip is found elsewhere)."""
    base = [sys.executable, "-m", "venv", "--clear", str(venv)]
    attempts = [base] if importlib.util.find_spec("ensurepip") else []
    attempts.append([*base, "--without-pip"])
    return any(subprocess.run(command, capture_output=True).returncode == 0 for command in attempts)


def _pip_for(python: Path) -> list[str]:
    """The start of a command line that installs into ``python``'s environment."""
    found = _find_pip(python)
    if found is None and debian_install("python3-pip", "python3-venv"):
        found = _find_pip(python)
    if found is None:
        raise SetupFailed(
            "找不到可用的 pip。请安装后重试：Debian/Ubuntu/麒麟/统信用 apt-get install python3-pip python3-venv，"
            "openEuler/CentOS 用 dnf install python3-pip。\n"
            "No pip was found. Install the packages python3-pip and python3-venv of your distribution and try again."
        )
    return found


def _find_pip(python: Path) -> list[str] | None:
    """The environment's own pip; else another Python's, which can install for us since pip 22.3; else a wheel of the distribution."""
    if _answers([str(python), "-m", "pip"]):
        return [str(python), "-m", "pip"]
    others = dict.fromkeys(p for p in (sys.executable, shutil.which("python3"), "/usr/bin/python3") if p)
    for other in others:
        command = [other, "-m", "pip", "--python", str(python)]
        if _answers(command):
            return command
    for wheel in (wheel for folder in WHEEL_DIRS for wheel in sorted(Path(folder).glob("pip-*.whl"), reverse=True)):
        command = [str(python), f"{wheel}/pip"]
        if _answers(command):
            return command
    return None


def _answers(pip: list[str]) -> bool:
    try:
        return subprocess.run([*pip, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def debian_install(*packages: str) -> bool:
    """Install Debian packages where that is possible (apt-get there, running as root). Says whether it worked."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say(f"正在安装系统软件包 / installing system packages: {' '.join(packages)} …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "-q", "--no-install-recommends", *packages]
    if subprocess.run(install, env=env, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
        return True
    subprocess.run([apt, "update", "-q"], env=env, capture_output=True, stdin=subprocess.DEVNULL)
    return subprocess.run(install, env=env, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def build_front_end(python: Path) -> None:
    """Bundle static/src into static/dist (scripts/build.py keeps its own stamp). An earlier bundle serves when the build cannot run."""
    script = ROOT / "scripts" / "build.py"
    if not script.exists():
        return
    if subprocess.run([str(python), str(script)], cwd=ROOT).returncode == 0:
        return
    if (ROOT / "static" / "dist" / "manifest.json").exists():
        say("前端构建失败，继续使用上一次的构建结果。 / The front-end build failed; the previous one is used.")
        return
    raise SetupFailed(
        "前端构建失败，原因见上；修复后重新运行同一命令。发布包自带 static/dist，也可从另一台机器复制该目录。\n"
        "The front-end build failed (see above). A release archive contains static/dist; copying it from another machine also works."
    )


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Ask ``condition()`` until it is true or the time is over; says which."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(every)
    return condition()
