"""The ways in which a clerk can sign in at a desk: with this machine's browser, or with a code on another device."""

from __future__ import annotations

import threading
from collections.abc import Callable

from auth.clerk.device_flow import CODE_SECONDS, DevicePrompt, Pause, sign_in_by_code
from auth.clerk.purposes import Wish
from auth.clerk.server import AuthorizationClient
from auth.clerk.signed_in import SignedIn
from auth.clerk.signing_in import BROWSER_SECONDS, OpenBrowser, sign_in_by_browser

__all__ = ["SignInWay", "by_browser", "by_code"]

SignInWay = Callable[[AuthorizationClient, Wish, threading.Event], SignedIn]
"""Have somebody sign in, until the event is set; raise SignInFailed or RegisterError."""


def by_browser(open_browser: OpenBrowser, *, seconds: float = BROWSER_SECONDS) -> SignInWay:
    """Return the way through the browser that ``open_browser`` opens (RFC 8252)."""

    def way(client: AuthorizationClient, wish: Wish, cancel: threading.Event) -> SignedIn:
        return sign_in_by_browser(client, wish, open_browser, seconds=seconds, cancel=cancel)

    return way


def by_code(
    show: Callable[[DevicePrompt], None], *, seconds: float = CODE_SECONDS, pause: Pause | None = None
) -> SignInWay:
    """Return the way through a code that ``show`` shows (RFC 8628)."""

    def way(client: AuthorizationClient, wish: Wish, cancel: threading.Event) -> SignedIn:
        return sign_in_by_code(client, wish, show, seconds=seconds, cancel=cancel, pause=pause)

    return way
