"""Hands shaken once more with a server of which the first connection told too little; nothing is said over it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

__all__ = ["hands_shaken"]

_PATIENCE_S = 2.0
# As the library does for the first connection (RFC 8305 §5): a dead address must not take all of the time.
_NEXT_ADDRESS_S = 0.25


@asynccontextmanager
async def hands_shaken(url: str, tls: ssl.SSLContext) -> AsyncIterator[tuple[asyncio.StreamReader, ssl.SSLObject]]:
    """Shake hands with the server at ``url``, and hang up at the end of the block without a word.

    Raise OSError, which an ssl.SSLError is, or ValueError for what is no address; TimeoutError where it is not over
    within two seconds, the block included.
    """
    where = urlsplit(url)
    async with asyncio.timeout(_PATIENCE_S):
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port or 443, ssl=tls, happy_eyeballs_delay=_NEXT_ADDRESS_S
        )
        try:
            yield reader, writer.get_extra_info("ssl_object")
        finally:
            writer.transport.abort()
