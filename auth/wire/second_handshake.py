"""Hands shaken once more with a server of which the first connection told too little; nothing is said over it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

__all__ = ["hands_shaken"]

_PATIENCE_S = 2.0
# What is known already must be told before the whole exchange is out of time, also on a busy computer.
_TELLING_S = 0.25
# As the library does for the first connection (RFC 8305 §5): a dead address must not take all of the time.
_NEXT_ADDRESS_S = 0.25


@asynccontextmanager
async def hands_shaken(
    url: str, tls: ssl.SSLContext, ends: float
) -> AsyncIterator[tuple[asyncio.StreamReader, ssl.SSLObject]]:
    """Shake hands with the server at ``url``, and hang up at the end of the block without a word.

    ``ends`` is when, by the loop's clock, the exchange ends of which the first connection was a part.

    Raise OSError, which an ssl.SSLError is, or ValueError for what is no address; TimeoutError where it is not over
    within two seconds, the block included, or a little before ``ends``: at once where that is now.
    """
    now = asyncio.get_running_loop().time()
    until = min(now + _PATIENCE_S, ends - _TELLING_S)
    if until <= now:
        raise TimeoutError
    where = urlsplit(url)
    async with asyncio.timeout_at(until):
        reader, writer = await asyncio.open_connection(
            where.hostname, where.port or 443, ssl=tls, happy_eyeballs_delay=_NEXT_ADDRESS_S
        )
        try:
            yield reader, writer.get_extra_info("ssl_object")
        finally:
            writer.transport.abort()
