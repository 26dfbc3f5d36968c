"""What group robots and hooks expect: body, address and signature of one message. Formats as published by the two makers."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from urllib.parse import quote_plus, urlsplit, urlunsplit

WECOM_LIMIT, DINGTALK_LIMIT = 4096, 20_000
"""Bytes of a text the makers accept."""


@dataclass(frozen=True)
class Call:
    """One POST: address, body and headers."""

    url: str
    body: bytes
    headers: dict[str, str]


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def cut(text: str, limit: int) -> str:
    """At most ``limit`` bytes of UTF-8, never half a character; what was cut is said."""
    if len(text.encode()) <= limit:
        return text
    tail = "……（内容过长，其余见系统）"
    return text.encode()[:limit - len(tail.encode())].decode(errors="ignore") + tail


def plain(title: str, text: str, link: str, keyword: str | None = None) -> str:
    """Title, text and link as lines; the keyword a robot insists on comes first where it is not in the text."""
    lines = [title, text, link]
    if keyword and not any(keyword in line for line in lines):
        lines.insert(0, keyword)
    return "\n".join(line for line in lines if line)


def wecom(url: str, title: str, text: str, link: str, keyword: str | None = None) -> Call:
    """企业微信 group robot: a text message; the key stands in the address."""
    content = cut(plain(title, text, link, keyword), WECOM_LIMIT // 2)
    return Call(url, _json({"msgtype": "text", "text": {"content": content}}), {"Content-Type": "application/json; charset=utf-8"})


def dingtalk(url: str, title: str, text: str, link: str, *, secret: str | None, milliseconds: int, keyword: str | None = None) -> Call:
    """钉钉 group robot: a text message; with a secret the address carries ``timestamp`` and ``sign`` (HMAC-SHA256 of ``timestamp\\nsecret``)."""
    if secret:
        digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
        parts = urlsplit(url)
        query = "&".join(p for p in (parts.query, f"timestamp={milliseconds}", f"sign={quote_plus(base64.b64encode(digest))}") if p)
        url = urlunsplit(parts._replace(query=query))
    content = cut(plain(title, text, link, keyword), DINGTALK_LIMIT // 2)
    return Call(url, _json({"msgtype": "text", "text": {"content": content}}), {"Content-Type": "application/json; charset=utf-8"})


def robot_error(body: bytes) -> str | None:
    """Both makers answer 200 and say in ``errcode`` whether they took it. None = taken."""
    try:
        said = json.loads(body)
    except ValueError:
        return "机器人的答复不是 JSON"
    code = said.get("errcode") if isinstance(said, dict) else None
    return None if code == 0 else f"机器人答复 errcode {str(code)[:20]}"


def signed(url: str, key: str, payload: dict[str, object], *, secret: str, seconds: int) -> Call:
    """Our own hook: JSON with ``Idempotency-Key``, ``X-Yumiao-Timestamp`` and ``X-Yumiao-Signature`` = ``sha256=`` HMAC of ``timestamp.body``."""
    body = _json(payload)
    mark = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return Call(url, body, {
        "Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key, "X-Yumiao-Timestamp": str(seconds),
        "X-Yumiao-Signature": f"sha256={mark}",
    })
