"""Signatures that show how a verifier is asked; nothing of them is secret."""

from __future__ import annotations

from zhoba.api import PRODUCT_DEFAULT, RuleRefused

MARK = b"sealed:"


def kind_of(statement: bytes, signature: bytes, signer: str) -> str | None:
    """SEAL for the statement and the signer's number behind a mark. Raises
    ``INSPECTIONS_SEAL_BROKEN`` for others behind it."""
    if not signature.startswith(MARK):
        return None
    if signature != MARK + statement + signer.encode():
        raise RuleRefused("INSPECTIONS_SEAL_BROKEN", clause=PRODUCT_DEFAULT, field="signature")
    return "SEAL"
