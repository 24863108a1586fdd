"""Whether an endpoint is a sandbox's: what comes of it is a test, whatever it says of anybody."""

from __future__ import annotations

from auth.wire.endpoint import RegisterEndpoint
from reader.errors import DataError
from reader.trust import Certificate

__all__ = ["is_test_endpoint"]


def is_test_endpoint(endpoint: RegisterEndpoint) -> bool:
    """Tell whether the project's test authority vouches for the server: a desk that asks it says TEST."""
    return any(map(_is_test, (*endpoint.tls_anchors, *endpoint.certificate_anchors)))


def _is_test(anchor: bytes) -> bool:
    try:
        return Certificate.parse(anchor).is_test
    except DataError:
        # Nobody can connect under an anchor that is no certificate; of a test it says nothing.
        return False
