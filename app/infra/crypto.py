"""Encryption of single fields at rest (phone numbers): AES-256-GCM, and a keyed mark (HMAC) that finds an equal value.

The key is ``settings.field_key`` (``YUMIAO_FIELD_KEY`` or the key file in the data directory). Rotation: put the new key first and keep the
old ones after it, separated by commas; every cipher text names its key, and equal values are looked up under all of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import current_app

from app.kernel.errors import Invalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PURPOSE = b"yumiao field 1"


@dataclass(frozen=True)
class FieldKey:
    """One key: its public name (never reveals it), the cipher and the secret of its marks."""

    id: str
    cipher: AESGCM
    mark_secret: bytes


@lru_cache(maxsize=8)
def _keys_of(text: str) -> tuple[FieldKey, ...]:
    """Keys of a comma separated setting, the writing one first. Each use gets a secret of its own."""
    return tuple(_derive(part.strip().encode()) for part in text.split(",") if part.strip())


def _derive(secret: bytes) -> FieldKey:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # some six MB, for those who meet a cipher text

    def part(use: bytes) -> bytes:
        return hmac.digest(secret, _PURPOSE + b" " + use, hashlib.sha256)

    return FieldKey(part(b"name").hex()[:8], AESGCM(part(b"cipher")), part(b"mark"))


def _keys() -> tuple[FieldKey, ...]:
    return _keys_of(current_app.config["SETTINGS"].field_key)


def encrypt(text: str) -> str:
    """Cipher text ``key id:base64``; the same text never gives the same cipher text twice."""
    key = _keys()[0]
    nonce = secrets.token_bytes(12)
    return f"{key.id}:{base64.urlsafe_b64encode(nonce + key.cipher.encrypt(nonce, text.encode(), _PURPOSE)).decode()}"


def decrypt(cipher_text: str) -> str:
    """The text again. Raises ``Invalid`` when its key is not configured or the content was changed."""
    from cryptography.exceptions import InvalidTag

    name, _, body = cipher_text.partition(":")
    key = next((k for k in _keys() if k.id == name), None)
    if key is None:
        raise Invalid("field_key_missing", "联系电话由另一把密钥加密，本系统没有配置该密钥，暂时无法显示。请联系系统管理员恢复密钥文件。")
    try:
        raw = base64.urlsafe_b64decode(body)
        return key.cipher.decrypt(raw[:12], raw[12:], _PURPOSE).decode()
    except (InvalidTag, ValueError) as error:
        raise Invalid("field_damaged", "这条加密信息已损坏或被改动，无法显示。请联系系统管理员核查。") from error


def mark(text: str) -> str:
    """Keyed fingerprint of a value (64 hex characters) under the writing key: stored beside the cipher text, equal for equal values."""
    return hmac.digest(_keys()[0].mark_secret, text.encode(), hashlib.sha256).hex()


def marks(text: str) -> list[str]:
    """Fingerprints under every configured key: for finding values stored before a rotation."""
    return [hmac.digest(key.mark_secret, text.encode(), hashlib.sha256).hex() for key in _keys()]


def needs_rewrite(cipher_text: str) -> bool:
    """True when the text was encrypted under an older key."""
    return cipher_text.partition(":")[0] != _keys()[0].id
