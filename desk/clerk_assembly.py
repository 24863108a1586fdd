"""Put together what a desk needs for its clerks to sign in.

What speaks to the server is imported when it is needed, as in ``desk.assembly``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from auth.wire.endpoint import DeviceCredential
from desk.language import Language
from desk.settings import Settings, SettingsInvalid

if TYPE_CHECKING:
    from auth.clerk.desk_clerk import DeskClerk
    from auth.clerk.endpoint import AuthorizationEndpoint
    from auth.clerk.signing_in import OpenBrowser
    from auth.clerk.ways import SignInWay

__all__ = ["browser_way", "clerk_of", "desk_clerk"]


def clerk_of(settings: Settings, device: DeviceCredential) -> DeskClerk | None:
    """Return what signs clerks in where the settings name an authorization server; raise SettingsInvalid."""
    if settings.authorization is None:
        return None
    try:
        endpoint = settings.authorization.endpoint()
    except ValueError:
        raise SettingsInvalid("authorization: no certificate") from None
    return desk_clerk(endpoint, device, settings)


def desk_clerk(endpoint: AuthorizationEndpoint, device: DeviceCredential, settings: Settings) -> DeskClerk:
    """Return what signs clerks in at ``endpoint`` for every purpose of this desk, on pages in its language."""
    from auth.clerk.desk_clerk import DeskClerk
    from auth.clerk.purposes import Wish
    from auth.clerk.server import AuthorizationClient

    wish = Wish.for_all(settings.purposes(), settings.language or Language.VIETNAMESE)
    return DeskClerk(AuthorizationClient(endpoint, device), wish=wish)


def browser_way(open_browser: OpenBrowser) -> Callable[[], SignInWay]:
    """Return what makes the way through a browser, once somebody wants to go it."""

    def way() -> SignInWay:
        from auth.clerk.ways import by_browser

        return by_browser(open_browser)

    return way
