"""One clerk's access to the registers: the token of one session and a proof with each request, of nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from auth.clerk.nonces import ServerNonces
from auth.clerk.session import ClerkSession
from auth.wire.dpop import make_proof
from auth.wire.endpoint import DeviceCredential

__all__ = ["SessionAccess"]


class SessionAccess:
    """Put the token of one session on requests (``auth.wire.access.ClerkAccess``); may be used from any thread.

    Whoever signs in after that session asks with an access of their own: this one never has another clerk's token.
    """

    def __init__(
        self, session: ClerkSession, device: DeviceCredential, nonces: ServerNonces, when_over: Callable[[], object]
    ) -> None:
        """Take whose session it is, the device that makes the proofs, and whom to tell where the session is over."""
        self._session = session
        self._device = device
        self._nonces = nonces
        self._when_over = when_over

    def headers_for(self, register: str, purpose: str, method: str, url: str) -> Mapping[str, str]:
        """Return the clerk's token and a proof for one request (RFC 9449 §7.1).

        Raises ClerkNotSignedIn or its kinds, also where the session ended while they were made, and RegisterError where
        a token cannot be renewed for want of the server.
        """
        try:
            token = self._session.access_token(register, purpose)
            now, nonce = int(self._device.clock.now()), self._nonces.of(register)
            proof = make_proof(self._device.signer, method, url, now, access_token=token, nonce=nonce)
            # The key may be in a slow token: who signed out meanwhile must not be asked for in vain.
            self._session.expect_alive()
        finally:
            if not self._session.alive:
                self._when_over()
        return {"authorization": f"DPoP {token}", "dpop": proof}

    def take_note(self, register: str, headers: Mapping[str, str]) -> None:
        """Take the nonce that ``register`` wants in the next proof for it (RFC 9449 §9)."""
        self._nonces.take_note(register, headers)

    def renew(self, purpose: str) -> None:
        """Drop the token of a purpose that a register took no more, so that the next request brings a new one."""
        self._session.forget_access(purpose)
