"""Personal data that are read back must lie encrypted: the seal, and its key in a file.

The key lies outside the database, so that neither a dump nor a backup of the database tells
anything. Without the key what was sealed is lost: keep a copy of it apart from the backups.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import PlatformError
from core.secret_file import secret_in

KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(PlatformError):
    """The key at hand did not seal this: another file of the key, or a changed text."""

    def __init__(self) -> None:
        super().__init__("PERSONAL_KEY_WRONG")


class Seal:
    """Encrypts texts with the key in a file (AES-256-GCM), and makes fingerprints of them.

    The key is read when it is first needed, and made when there is none; only its owner may read
    the file. ``purpose`` says what a text is (``iin``): what was sealed for one purpose opens for
    no other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def key(self) -> bytes:
        return own_secret(self.path)

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self.part("seal"))

    def closed(self, text: str, purpose: str) -> str:
        """The text encrypted; each time otherwise."""
        nonce = os.urandom(NONCE_BYTES)
        hidden = self.cipher.encrypt(nonce, text.encode(), purpose.encode())
        return base64.urlsafe_b64encode(nonce + hidden).decode()

    def opened(self, closed: str, purpose: str) -> str:
        """The text again. Raises :class:`SealBroken`."""
        raw = base64.urlsafe_b64decode(closed)
        try:
            text = self.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except InvalidTag as error:
            raise SealBroken from error
        return text.decode()

    def fingerprint(self, text: str, purpose: str) -> str:
        """The same for the same text, and telling nothing of it to who has no key."""
        return hmac.new(self.part(f"print:{purpose}"), text.encode(), sha256).hexdigest()

    def part(self, use: str) -> bytes:
        """A key of its own for each use."""
        return hmac.new(self.key, use.encode(), sha256).digest()


def own_secret(path: Path) -> bytes:
    """The secret in a file, made when there is none. Raises :class:`SealBroken`."""
    key = bytes.fromhex(secret_in(path, lambda: secrets.token_hex(KEY_BYTES) + "\n").strip())
    if len(key) != KEY_BYTES:
        broken = SealBroken()
        broken.add_note(f"{path} holds no key of {KEY_BYTES} bytes")
        raise broken
    return key
