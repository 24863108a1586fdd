"""The clerk at this desk: signed in with the system's browser or a code, asked for again where a purpose wants it.

What comes in: where the authorization server is, this device's key, and a way to open a browser. What goes out: fields
for a request that say who asks and prove that this device does, or ``ClerkNotSignedIn``. Tokens are in memory only and
go with the clerk. ``auth.clerk.desk_clerk`` does it; it is not imported here, so that settings that only name a server
do not wait for the network.
"""

from auth.clerk.endpoint import AuthorizationEndpoint

__all__ = ["AuthorizationEndpoint"]
