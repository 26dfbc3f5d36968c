"""One POST to a configured host: no redirects, no other host, checked certificates, short times, a small answer."""

import http.client
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from app.kernel.errors import Invalid
from app.reminders.rules.robots import Call
from app.reminders.sending.outcome import FAILED, RETRY, SENT, UNKNOWN, Outcome

TIMEOUT = 15.0
MOST_ANSWER = 64 * 1024
TRY_LATER = (408, 425, 429, 503)
Reader = Callable[[bytes], str | None]


def host_of(url: str) -> str:
    """``name`` or ``name:port`` of an address. Raises ``Invalid`` for anything that is not a plain http(s) address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _not_an_address() from None
    printable = url.isascii() and url.isprintable() and not any(char.isspace() for char in url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password or not printable or len(url) > 600:
        raise _not_an_address()
    return parts.hostname.lower() + (f":{port}" if port else "")


def _not_an_address() -> Invalid:
    return Invalid("hook_url", "地址应为 https:// 开头的完整网址，不含空格、账号和密码，请核对后重填。", "url")


def check_host(url: str, allowed: tuple[str, ...], *, plain_allowed: bool) -> str:
    """The host of an address that may be called. Raises ``Invalid`` naming what the administrator has to configure."""
    host = host_of(url)
    if host not in allowed:
        text = f"主机 {host} 不在允许的名单里。请系统管理员在 YUMIAO_HOOK_HOSTS 中加入该主机并重启后再保存。"
        raise Invalid("hook_host", text, "url")
    if url.startswith("http://") and not plain_allowed:
        raise Invalid("hook_plain", "正式环境只能使用 https:// 地址，请核对后重填。", "url")
    return host


def send(call: Call, allowed: tuple[str, ...], *, plain_allowed: bool, honours_key: bool, read: Reader | None = None) -> Outcome:
    """Never raises. ``read`` finds a refusal inside an answer 200. Before the request is out nothing was sent; after it, no
    answer is unknown, and may be tried again only where the receiver drops a repeated key (``honours_key``)."""
    try:
        check_host(call.url, allowed, plain_allowed=plain_allowed)
    except Invalid as problem:
        return Outcome(FAILED, problem.message_zh)
    parts = urlsplit(call.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as problem:
            return Outcome(RETRY, f"连不上对方主机（{type(problem).__name__}）")
        try:
            connection.request("POST", path, call.body, {**call.headers, "User-Agent": "yumiao"})
            answer = connection.getresponse()
            body = answer.read(MOST_ANSWER)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            return Outcome(RETRY if honours_key else UNKNOWN, f"请求已发出，没有收到答复（{type(problem).__name__}）")
        return _judge(answer.status, body, honours_key, read)
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT)


def _judge(status: int, body: bytes, honours_key: bool, read: Reader | None) -> Outcome:
    if 200 <= status < 300:
        refused = read(body) if read else None
        return Outcome(SENT) if refused is None else Outcome(RETRY, refused)
    if status in TRY_LATER:
        return Outcome(RETRY, f"对方答复 {status}，稍后再试")
    if status >= 500:
        return Outcome(RETRY if honours_key else UNKNOWN, f"对方答复 {status}，不能确定是否已处理")
    return Outcome(FAILED, f"对方拒收（{status}）")
