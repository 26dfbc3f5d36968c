"""Configuration from the environment only (prefix ``YUMIAO_``); a table of all keys stands in docs/howto/configure.md.

Three modes: ``demo`` (default; one machine, demo accounts), ``test``, ``production`` (refuses to start unsafe).
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent


class UnsafeConfiguration(SystemExit):
    """Start refused; the message says which key to set."""


@dataclass(frozen=True)
class Sending:
    """How messages leave the house: the mail server, the door for text messages, the hosts that hooks and robots may be on.

    ``mail_security``: starttls, tls or none; ``sms``: empty (no text messages), ``file:/path`` or an address of the gateway.
    """

    mail_host: str = ""
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_from: str = ""
    mail_security: str = "starttls"
    sms: str = ""
    sms_secret: str = field(default="", repr=False)
    hook_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Everything the process reads from its environment, checked once at start."""

    mode: str
    data_dir: Path
    database_url: str
    secret_key: str
    field_key: str
    now: str | None
    base_url: str
    https: bool
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    idle_minutes: int
    absolute_hours: int
    pack_dir: str | None
    city: str
    log_level: str
    web_rps: int
    password_profile: str
    separate_admins: bool
    sending: Sending = Sending()

    @property
    def production(self) -> bool:
        return self.mode == "production"


def _key_file(data_dir: Path, name: str) -> str:
    """A key made once in the data directory, readable by its owner only; two processes starting together agree on one."""
    path = data_dir / "keys" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        temporary = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_hex(32))
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(temporary, path)  # fails when another process was first: theirs counts
        except FileExistsError:
            pass
        except OSError:
            temporary.replace(path)
        temporary.unlink(missing_ok=True)
    return path.read_text().strip()


def database_url(url: str) -> str:
    """Accept the usual spellings of a PostgreSQL address; the driver is psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix):]
    return url


def load(environ: dict[str, str] | None = None) -> Settings:
    """Read and check the environment. Raises ``UnsafeConfiguration`` with the key to set."""
    env = dict(os.environ if environ is None else environ)
    mode = env.get("YUMIAO_MODE", "demo")
    if mode not in ("demo", "test", "production"):
        raise UnsafeConfiguration(f"YUMIAO_MODE 只能是 demo、test 或 production，现在是 {mode!r}。")
    data_dir = Path(env.get("YUMIAO_DATA_DIR", str(ROOT / "var"))).resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    url = database_url(env.get("YUMIAO_DATABASE_URL", f"sqlite:///{data_dir / 'yumiao.db'}"))
    secret = env.get("YUMIAO_SECRET_KEY") or _key_file(data_dir, "secret")
    field_key = env.get("YUMIAO_FIELD_KEY") or _key_file(data_dir, "field")
    settings = Settings(
        mode=mode,
        data_dir=data_dir,
        database_url=url,
        secret_key=secret,
        field_key=field_key,
        now=env.get("YUMIAO_NOW") or None,
        base_url=env.get("YUMIAO_BASE_URL", ""),
        https=env.get("YUMIAO_HTTPS", "1" if mode == "production" else "0") == "1",
        trusted_proxies=int(env.get("YUMIAO_TRUSTED_PROXIES", "0")),
        trusted_hosts=tuple(h.strip() for h in env.get("YUMIAO_TRUSTED_HOSTS", "").split(",") if h.strip()),
        idle_minutes=int(env.get("YUMIAO_IDLE_MINUTES", "30")),
        absolute_hours=int(env.get("YUMIAO_SESSION_HOURS", "12")),
        pack_dir=env.get("YUMIAO_PACK_DIR") or None,
        city=env.get("YUMIAO_CITY", "liaocheng"),
        log_level=env.get("YUMIAO_LOG_LEVEL", "INFO"),
        web_rps=int(env.get("YUMIAO_RATE_PER_MINUTE", "600")),
        password_profile=env.get("YUMIAO_PASSWORD_PROFILE", "asvs"),
        separate_admins=env.get("YUMIAO_SEPARATE_ADMINS", "1") == "1",
        sending=_sending(env),
    )
    if settings.password_profile not in ("asvs", "dengbao"):
        raise UnsafeConfiguration(f"YUMIAO_PASSWORD_PROFILE 只能是 asvs 或 dengbao，现在是 {settings.password_profile!r}。")
    if settings.production:
        _refuse_unsafe(settings)
    return settings


def _sending(env: dict[str, str]) -> Sending:
    """Mail, text messages and hooks; nothing set, nothing is sent."""
    security = env.get("YUMIAO_MAIL_SECURITY", "starttls")
    if security not in ("starttls", "tls", "none"):
        raise UnsafeConfiguration(f"YUMIAO_MAIL_SECURITY 只能是 starttls、tls 或 none，现在是 {security!r}。")
    port = env.get("YUMIAO_MAIL_PORT", {"starttls": "587", "tls": "465", "none": "25"}[security])
    if not port.isdigit():
        raise UnsafeConfiguration(f"YUMIAO_MAIL_PORT 应为数字，现在是 {port!r}。")
    hosts = tuple(host.strip().lower() for host in env.get("YUMIAO_HOOK_HOSTS", "").split(",") if host.strip())
    return Sending(
        env.get("YUMIAO_MAIL_HOST", ""), int(port), env.get("YUMIAO_MAIL_USER", ""), env.get("YUMIAO_MAIL_PASSWORD", ""),
        env.get("YUMIAO_MAIL_FROM", ""), security, env.get("YUMIAO_SMS", ""), env.get("YUMIAO_SMS_SECRET", ""), hosts,
    )


def _refuse_unsafe(settings: Settings) -> None:
    """Production starts only when every one of these holds; each message names the key."""
    if settings.now:
        raise UnsafeConfiguration("正式环境不允许设置 YUMIAO_NOW（会使时钟失真），请删除该变量后再启动。")
    if len(settings.secret_key) < 32:
        raise UnsafeConfiguration("YUMIAO_SECRET_KEY 太短（至少 32 个字符）。删除该变量可由系统在数据目录自动生成。")
    if not settings.https:
        raise UnsafeConfiguration("正式环境必须使用 HTTPS：请在反向代理上配置证书，并保持 YUMIAO_HTTPS=1。")
    if not settings.trusted_hosts:
        raise UnsafeConfiguration("请设置 YUMIAO_TRUSTED_HOSTS（本系统的域名，多个用逗号分隔）。")
