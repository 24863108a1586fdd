"""Why a server broke off before it answered: perhaps for our certificate, and the alert that said so got lost.

In TLS 1.3 our handshake is over before the server has judged our certificate, so the request is on its way when it
refuses. It closes with our request unread, the network resets the connection, and the reset may overtake the alert.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

__all__ = ["hear_why"]

_PATIENCE_S = 2.0


async def hear_why(url: str, tls: ssl.SSLContext) -> None:
    """Shake hands once more, say nothing, and raise the ssl.SSLError by which the server turns us away, if it does.

    Return after two seconds, or where it closes without a word; nothing is sent to it but the certificate.
    """
    where = urlsplit(url)
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(where.hostname, where.port or 443, ssl=tls)
            await reader.read(1)
    except ssl.SSLError:
        raise
    except (OSError, TimeoutError):
        return
    finally:
        if writer is not None:
            writer.transport.abort()
