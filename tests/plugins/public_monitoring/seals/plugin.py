"""Seals instead of certificates: the statement and the signer's number behind a mark."""

from __future__ import annotations

from zhoba.api import PRODUCT_DEFAULT, PluginInfo, RuleRefused, Work, hookimpl

MARK = b"sealed:"


@hookimpl
def plugin_info() -> PluginInfo:
    words = {"kk": "Мөрлер", "ru": "Печати", "en": "Seals"}
    return PluginInfo(
        id="seals", version="1.0.0", title=words, description=words, requires_api=">=1.0,<2"
    )


@hookimpl
async def verify_signature(
    work: Work, statement: bytes, signature: bytes, signer: str
) -> str | None:
    if not signature.startswith(MARK):
        return None
    if signature != MARK + statement + signer.encode():
        raise RuleRefused("SEALS_WRONG", clause=PRODUCT_DEFAULT, field="signature")
    return "SEAL"
