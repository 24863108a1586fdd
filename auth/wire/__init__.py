"""The wire: TLS with pinned anchors, total deadlines, messages sealed and signed both ways (RFC 7516, 9421, 9530).

What comes in: an endpoint, a device credential, a request body and its purpose. What goes out: the body of an answer
whose signature was verified and bound to the request, or a ``RegisterError``. ``auth.wire.client`` does it; it is not
imported here, so that settings that only name an endpoint do not wait for it.
"""

from auth.wire.endpoint import AnswerKey, DeviceCredential, Opener, RegisterEndpoint, SealKey, Signer

__all__ = ["AnswerKey", "DeviceCredential", "Opener", "RegisterEndpoint", "SealKey", "Signer"]
