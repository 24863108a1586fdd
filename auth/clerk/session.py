"""One clerk's session at one desk: tokens in memory, one purpose each, renewed in silence until they cannot be.

The token that a sign-in brings is good for every purpose and is not used: for each purpose a token of its own is asked
for (RFC 9396 §6). Narrower than that, to one register, would gain nothing, for a token is of no use without the
device's key, and would double the requests of every visit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from auth.clerk.keys import Identity
from auth.clerk.purposes import Granted, Wish, details_of
from auth.clerk.server import AuthorizationClient, OAuthRefused
from auth.clerk.signed_in import SignedIn, TokenAnswer, is_token, read_tokens
from auth.errors import ClerkMayNot, ClerkNotSignedIn, RegisterRefused, SignInFailed, StepUpNeeded
from auth.wire.oauth import AUTHORIZATION

__all__ = ["ClerkSession", "HeldTokens"]

# A token that is about to end may end on the way.
_SPARE_S = 15


@dataclass(slots=True, repr=False)
class HeldTokens:
    """Hold the tokens of one session: the only place where they are, so that dropping this drops them."""

    refresh_token: str
    refresh_until: float
    access: dict[str, tuple[str, float]]

    def __reduce__(self) -> str:
        """Refuse to be copied or written anywhere."""
        raise TypeError("tokens stay where they are")


class ClerkSession:
    """Hand out tokens of one clerk until the session ends; for any number of threads."""

    def __init__(
        self, client: AuthorizationClient, signed_in: SignedIn, wish: Wish, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """Take what the sign-in was asked for, and ``clock`` as monotonic seconds: a token's life is no time of day."""
        self._client = client
        self._wish = wish
        self._clock = clock
        # Over what is held here, and never over the network: whoever signs out waits for nobody.
        self._lock = threading.Lock()
        # Over a renewal and its network: a refresh token used twice at the same time would be taken for a theft.
        self._renewing = threading.Lock()
        self.identity: Identity = signed_in.identity
        self.granted: Granted = signed_in.granted
        until = clock() + signed_in.tokens.refresh_seconds
        self._expired = False
        self._held: HeldTokens | None = HeldTokens(signed_in.tokens.refresh_token, until, {})

    def __repr__(self) -> str:
        """Show nobody and nothing."""
        return "ClerkSession()"

    @property
    def alive(self) -> bool:
        """Tell whether the session goes on; where its time is over, its tokens are dropped here and now."""
        with self._lock:
            return self._still_held() is not None

    def access_token(self, register: str, purpose: str) -> str:
        """Return a token for ``purpose`` that ``register`` will take; ask the server where there is none yet.

        Raises ClerkMayNot, StepUpNeeded, ClerkNotSignedIn where the session has ended, be it while the server was
        asked, and RegisterError where the server cannot be reached: the session then goes on.
        """
        if register not in self.granted.get(purpose, frozenset()):
            raise ClerkMayNot("purpose")
        age = self._client.now() - self.identity.auth_time
        if not self._wish.is_good_enough(purpose, self.identity.acr, age):
            raise StepUpNeeded(purpose)
        return self._kept(purpose) or self._renewed(purpose)

    def expect_alive(self) -> None:
        """Raise ClerkNotSignedIn where the session has ended."""
        with self._lock:
            self._living()

    def forget_access(self, purpose: str) -> None:
        """Drop the token of a purpose, since a register took it no more; the next one is asked for anew."""
        with self._lock:
            if self._held is not None:
                self._held.access.pop(purpose, None)

    def wipe(self) -> None:
        """Drop every token here; the server is told nothing."""
        with self._lock:
            self._held = None

    def end(self) -> bool:
        """Drop every token here, then have the server take them back; False where it could not be told.

        Wiped first: what cannot be revoked for want of a network, or of a key here, must not stay for that. A renewal
        under way is not waited for; what it brings is given back by whoever asked for it.
        """
        with self._lock:
            held, self._held = self._held, None
        return held is None or self._client.give_back(held.refresh_token)

    def settle(self, seconds: float) -> bool:
        """Wait until no renewal is under way, and what it brought was given back; False after ``seconds``."""
        settled = self._renewing.acquire(timeout=max(0.0, seconds))
        if settled:
            self._renewing.release()
        return settled

    def _living(self) -> HeldTokens:
        held = self._still_held()
        if held is None:
            raise ClerkNotSignedIn("expired" if self._expired else "ended")
        return held

    def _still_held(self) -> HeldTokens | None:
        """Return the tokens; those whose time is over are dropped, and so are the access tokens with them."""
        if self._held is not None and self._clock() >= self._held.refresh_until:
            self._held, self._expired = None, True
        return self._held

    def _kept(self, purpose: str) -> str:
        """Return the token of a purpose, "" where there is none that still counts for a while."""
        with self._lock:
            token, until = self._living().access.get(purpose, ("", 0.0))
            return token if self._clock() < until - _SPARE_S else ""

    def _renewed(self, purpose: str) -> str:
        """Return a new token of a purpose, one renewal at a time; the next one finds what the last one brought."""
        with self._renewing:
            token = self._kept(purpose)
            if token:
                return token
            with self._lock:
                refresh_token = self._living().refresh_token
            answer = self._renew(refresh_token, purpose)
            with self._lock:
                held = self._still_held()
                if held is not None:
                    self._keep(held, purpose, answer)
            if held is None:
                # Whoever ended the session meanwhile could not know what was about to come.
                self._client.give_back(answer.refresh_token)
                raise ClerkNotSignedIn("ended")
        return answer.access_token

    def _renew(self, refresh_token: str, purpose: str) -> TokenAnswer:
        """Use the refresh token once."""
        answer: Mapping[str, Any] = {}
        try:
            answer = self._client.tokens(self._fields(refresh_token, purpose))
            return read_tokens(answer)
        except OAuthRefused as refused:
            if refused.error in ("access_denied", "invalid_authorization_details"):
                raise ClerkMayNot("role") from None
            if refused.error != "invalid_grant":
                # This computer was refused, not the clerk.
                raise RegisterRefused(AUTHORIZATION, refused.error) from None
            # The token was used before, here or by somebody else, or the sign-in has ended: nothing of it counts now.
            self.wipe()
            raise ClerkNotSignedIn("ended") from None
        except SignInFailed:
            # What it came of is given back, and what came instead where that is a token at all.
            token = answer.get("refresh_token")
            if is_token(token):
                self._client.give_back(token)
            self.end()
            raise ClerkNotSignedIn("untrusted") from None

    def _fields(self, refresh_token: str, purpose: str) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "authorization_details": details_of(purpose, self.granted[purpose]),
        }

    def _keep(self, held: HeldTokens, purpose: str, answer: TokenAnswer) -> None:
        now = self._clock()
        held.refresh_token = answer.refresh_token
        held.refresh_until = min(held.refresh_until, now + answer.refresh_seconds)
        held.access[purpose] = (answer.access_token, now + answer.access_seconds)
