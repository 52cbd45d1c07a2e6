"""Random tokens that prove something by being known: links, sessions.

Only the hash of one is stored, so neither the database nor a backup of it lets anybody in.
"""

from __future__ import annotations

import hashlib
import secrets

LONGEST = 200
"""Characters of a token that is looked up; a longer one is none of ours."""


def new_token() -> tuple[str, str]:
    """A token of 256 random bits, and what of it is stored."""
    text = secrets.token_urlsafe(32)
    return text, token_hash(text)


def token_hash(text: str) -> str:
    """What of a token is stored. It is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(text[:LONGEST].encode()).hexdigest()
