"""The wire: TLS with pinned anchors, total deadlines, HTTP message signatures both ways (RFC 9421, RFC 9530).

What comes in: an endpoint, a device credential, a request body and its purpose. What goes out: the body of an answer
whose signature was verified and bound to the request, or a ``RegisterError``.
"""

from auth.wire.client import SignedAnswer, WireClient
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, Signer

__all__ = ["AnswerKey", "DeviceCredential", "RegisterEndpoint", "SignedAnswer", "Signer", "WireClient"]
