"""Where this computer is enrolled and asks how it stands, and by which keys that service is known.

The keys of the service, and the certificates under which it is reached, come from the trust store where that holds a
file for the register named "enrolment"; they take the place of those in the settings, which then may name none. So they
are published and rotated like all else that desks trust, and a desk that is open uses them from its next question on.
The authorities under which devices are certified count beside those of the settings; what is distrusted counts nowhere.
"""

from __future__ import annotations

from dataclasses import replace

from auth.device.messages import ENROLMENT
from auth.distribution.register_keys import with_distributed_keys
from auth.distribution.register_lists import with_distributed_lists
from auth.wire.endpoint import RegisterEndpoint
from desk.settings import Settings, SettingsInvalid
from desk.trust_source import TrustSource

__all__ = ["enrolment_endpoint"]


def enrolment_endpoint(settings: Settings, source: TrustSource | None = None) -> RegisterEndpoint:
    """Return the service's endpoint, with the keys that ``source`` holds now.

    Raise SettingsInvalid where the settings do not say where it is, or neither they nor the store by what it is known;
    StoreDamaged.
    """
    if settings.enrolment is None:
        raise SettingsInvalid("enrolment: an enrolled device needs to know where to ask how it stands")
    trust = source or TrustSource(settings)
    keyed = with_distributed_keys((settings.enrolment.endpoint(),), trust.current().register_keys)
    (endpoint,) = with_distributed_lists(keyed, lambda: trust.current().register_lists)
    if not endpoint.answer_keys or not endpoint.tls_anchors:
        raise SettingsInvalid(
            f"enrolment: neither the settings nor the trust store ({ENROLMENT}) name keys and anchors"
        )
    known = trust.current().device_authorities(endpoint.certificate_anchors)
    return replace(endpoint, certificate_anchors=known)
