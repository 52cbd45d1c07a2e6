"""Signatures by certificate: whoever can verify one says so, as a plugin."""

from __future__ import annotations

import base64
import binascii

from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.plugins.enabling import call, host_of
from core.plugins.gate import plugins_on_at
from core.work import Work

LARGEST_SIGNATURE = 64 * 1024
"""Bytes of a detached signature with its certificates. Product default."""


async def verify_signature(
    work: Work,
    node_id: int,
    *,
    statement: bytes,
    signature: str,
    signer: str,
    field: str = "signature",
) -> str:
    """Verify a detached signature, in Base64, of a statement; its kind, as its verifier names it.

    ``signer`` is the identification number of who is to have signed. The plugins that are on at the
    node are asked in order by the hook ``verify_signature``, until one knows the kind. Raises
    ``SIGNATURE_ENCODING``, ``SIGNATURE_UNVERIFIED`` where nobody knows it, and what the verifier
    refuses it with.
    """
    given = decoded(signature, field)
    on = await plugins_on_at(work.session, node_id)
    for plugin in host_of(work).plugins:
        if plugin.info.id in on:
            kind = await call(
                plugin,
                "verify_signature",
                work=work,
                statement=statement,
                signature=given,
                signer=signer,
            )
            if kind is not None:
                return str(kind)
    raise RuleRefused("SIGNATURE_UNVERIFIED", clause=PRODUCT_DEFAULT, field=field)


def decoded(text: str, field: str) -> bytes:
    """The bytes of a signature. Raises ``SIGNATURE_ENCODING``."""
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not 0 < len(found) <= LARGEST_SIGNATURE:
        raise InvalidInput("SIGNATURE_ENCODING", field=field, limit=LARGEST_SIGNATURE)
    return found
