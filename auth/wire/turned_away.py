"""Why a server broke off before it answered: perhaps for our certificate, and the alert that said so got lost.

In TLS 1.3 our handshake is over before the server has judged our certificate, so the request is on its way when it
refuses. It closes with our request unread, the network resets the connection, and the reset may overtake the alert.
"""

from __future__ import annotations

import ssl

from auth.wire.second_handshake import hands_shaken

__all__ = ["hear_why"]


async def hear_why(url: str, tls: ssl.SSLContext, ends: float) -> None:
    """Shake hands once more, say nothing, and raise the ssl.SSLError by which the server turns us away, if it does.

    Return after two seconds, or in time before the exchange ``ends`` by the loop's clock, or where it closes without a
    word; nothing is sent to it but the certificate.
    """
    try:
        async with hands_shaken(url, tls, ends) as (reader, _):
            await reader.read(1)
    except ssl.SSLError:
        raise
    except (OSError, TimeoutError):
        return
