"""From when to when a server's certificate is valid that was refused for a date: what a clock is blamed by, or is not.

The ssl module tells that a date did not fit, and not which. So hands are shaken once more with everything judged but
the dates: the chain up to our own anchors, the name, the strength, the lists, the pins. A stranger's certificate has no
say in what people are told of their clock. Nothing is sent over that connection, and nothing else is ever done with a
context that overlooks dates.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

from auth.wire.second_handshake import hands_shaken
from auth.wire.tls import WrongPin, check_pin
from auth.wire.validity import Validity

__all__ = ["overlook_dates", "read_validity"]

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, since 1.1.0; the ssl module has no name for it and takes it as is.
_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)


def overlook_dates(context: ssl.SSLContext) -> None:
    """Have ``context`` judge everything but dates; it is for ``read_validity`` alone."""
    context.verify_flags |= _NO_CHECK_TIME


async def read_validity(url: str, dateless: ssl.SSLContext, pins: Sequence[bytes], ends: float) -> Validity | None:
    """Return the dates of the certificate at ``url``, None where it cannot be had within two seconds, or is refused.

    None too, and in time, where the exchange of the first handshake ``ends`` before, by the loop's clock. They are the
    server's alone: of what leads from it to an anchor the ssl module of Python 3.11 tells nothing.
    """
    try:
        async with hands_shaken(url, dateless, ends) as (_, connection):
            check_pin(pins, connection)
            shown: Any = connection.getpeercert()
            return Validity(ssl.cert_time_to_seconds(shown["notBefore"]), ssl.cert_time_to_seconds(shown["notAfter"]))
    except (OSError, TimeoutError, ValueError, WrongPin):
        return None
