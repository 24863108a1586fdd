"""Have the signing key certified: asked for when the device is active, after each rotation, and before it runs out.

A device without a certificate looks up as before; only its slips go unsigned. So nothing that goes wrong here is in
anybody's way, and the next time asks again.
"""

from __future__ import annotations

from datetime import datetime

from auth.device.certificate import DeviceCertificate
from auth.device.errors import EnrolmentFailed
from auth.device.keys import KeyStore
from auth.device.record import DeviceFolder, KeptCertificate
from auth.device.service import DeviceService
from auth.device.states import DeviceState
from auth.wire.endpoint import RegisterEndpoint
from reader.errors import DataError

__all__ = ["renew_certificate"]


def renew_certificate(
    folder: DeviceFolder, store: KeyStore, endpoint: RegisterEndpoint, now: datetime, *, deadline_s: float = 10.0
) -> bool:
    """Fetch a certificate for the keys that count, where there is none or it runs out soon; tell whether one came.

    Raise RegisterError where the service gives none, EnrolmentFailed for one that is not ours, DeviceError where the
    key cannot be used or the record not be written.
    """
    record, held = folder.read(), folder.certificate()
    if record is None or record.state is not DeviceState.ACTIVE or record.wiping is not None:
        return False
    if held is not None and not held.wants_renewal(now):
        return False
    signing = record.keys.signing
    with DeviceService(endpoint, store.signer(signing), deadline_s=deadline_s) as service:
        reply = service.certificate(record.device_id)
    try:
        DeviceCertificate.from_texts(reply.certificate, reply.issuers).require(record.device_id, signing, now)
        kept = KeptCertificate(signing=signing, certificate=reply.certificate, issuers=reply.issuers)
    except DataError as error:
        raise EnrolmentFailed(error.what) from None
    with folder.locked():
        present = folder.read()
        # The keys may have been rotated meanwhile; then the next time asks for theirs.
        if present is None or present.wiping is not None or present.keys.signing != signing:
            return False
        folder.write(present.model_copy(update={"certificate": kept}))
    return True
