"""Rotate: new keys, announced by the old one and by themselves, until the register takes them and the desk does too.

Order is everything. The new keys exist before the record names them, the record names them before the register hears
of them, and the register takes both for a while. So wherever a process is killed, a key that the record names is one
that the register takes; the next call finds out which and goes on from there.

The keys before the former ones are destroyed by it. Nothing is rotated while something may be sealed to them yet: the
present keys go on to serve, however old they are, and whoever asks for the rotation is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from auth.device.errors import DeviceKeyUnusable, DeviceNotEnrolled, FormerKeysNeeded
from auth.device.keys import IN_TOKEN, KeyStore
from auth.device.messages import (
    NEW_KEYS_KIND,
    NewKeysClaims,
    RotateRequest,
    SwitchReply,
    key_to_text,
    opened_to_text,
)
from auth.device.record import MOST_UNTOLD, DeviceFolder, DeviceRecord, KeyPair, make_pair
from auth.device.service import DeviceService, open_challenge
from auth.device.statements import write_statement
from auth.device.states import DeviceState
from auth.errors import RegisterError
from auth.wire.endpoint import RegisterEndpoint

__all__ = ["ROTATION_DAYS", "WARN_DAYS", "days_left", "forget_previous", "require_free", "rotate"]

ROTATION_DAYS = 90
WARN_DAYS = 14
_DAY = 86_400
# What a register says to one whose key it does not take: it does not know it, or does not any more.
_UNKNOWN = "unknown-device"


def days_left(record: DeviceRecord, now: float) -> int:
    """Return in how many days the keys want to be rotated; negative where they are overdue."""
    return int((record.keys.made + ROTATION_DAYS * _DAY - now) // _DAY)


def rotate(
    folder: DeviceFolder,
    store: KeyStore,
    endpoint: RegisterEndpoint,
    *,
    due_at: float | None = None,
    needed: Callable[[str], bool] = lambda _: True,
) -> DeviceRecord:
    """Put new keys in the place of the device's, or finish what was interrupted; return the record after it.

    The record then names the new key as untold: whoever keeps a ledger writes it down (``self_rotating``).

    With ``due_at`` nothing is done to keys that are not due by then: another program may have been quicker.

    ``needed`` tells whether something of this computer may be sealed to the opening key of that id; without it anything
    may be.

    Raises DeviceNotEnrolled for a device that is not active, FormerKeysNeeded while the keys that would be destroyed
    are needed, before anything is made or announced, DeviceError where keys cannot be made or used,
    RegisterError and EnrolmentFailed without the service's word; the old keys then still count, or the next call takes
    the new ones.
    """
    with folder.locked():
        record = folder.read()
        if record is None or record.state is not DeviceState.ACTIVE or record.wiping is not None:
            raise DeviceNotEnrolled
        if due_at is not None and record.next is None and days_left(record, due_at) > 0:
            return record
        require_free(record, needed)
        # What is previous now will be two rotations old: nobody takes it any more.
        stale = record.previous
        if record.next is None:
            record = record.model_copy(update={"next": make_pair(store)})
            folder.write(record)
        new = record.next or record.keys
        reply = _switched(record, new, store, endpoint)
        record = record.model_copy(
            update={
                "keys": new,
                "next": None,
                "previous": record.keys,
                "previous_until": reply.previous_until,
                "untold": (*record.untold, new.signing)[-MOST_UNTOLD:],
            }
        )
        folder.write(record)
        _destroy(store, stale)
        return record


def require_free(record: DeviceRecord, needed: Callable[[str], bool]) -> None:
    """Raise FormerKeysNeeded while something may be sealed to the keys that a rotation would destroy."""
    if record.previous is not None and needed(record.previous.opening):
        raise FormerKeysNeeded("still-sealed")


def forget_previous(
    folder: DeviceFolder,
    store: KeyStore,
    now: float,
    *,
    in_use: str = "",
    needed: Callable[[str], bool] = lambda _: False,
) -> None:
    """Destroy the keys before the last rotation once the register has ceased to take them, and keys nobody names.

    Those of ``in_use``, the id of a signing key that a desk has open, stay; so do those to which something may be
    sealed, as ``needed`` tells by the id of the opening key.

    Of a token only what the record names is touched: the others in it may be somebody else's.
    """
    with folder.locked():
        record = folder.read()
        if record is None or record.wiping is not None:
            return
        stale = record.previous
        over = stale is not None and now > record.previous_until and stale.signing != in_use
        if stale is not None and over and not needed(stale.opening):
            record = record.model_copy(update={"previous": None, "previous_until": 0})
            folder.write(record)
            _destroy(store, stale)
        if store.kind not in IN_TOKEN:
            for key_id in store.key_ids() - set(record.all_keys):
                store.destroy(key_id)


def _switched(record: DeviceRecord, new: KeyPair, store: KeyStore, endpoint: RegisterEndpoint) -> SwitchReply:
    """Announce the new keys by the old one and prove them; skip what an interrupted call has done already."""
    signer, opener = store.signer(new.signing), store.opener(new.opening)
    statement = write_statement(
        NEW_KEYS_KIND,
        NewKeysClaims(
            device=record.device_id,
            old=record.keys.signing,
            signing=new.signing,
            opening=new.opening,
            iat=int(time.time()),
        ),
        signer,
    )
    request = RotateRequest(
        device=record.device_id,
        signing=key_to_text(store.public(new.signing)),
        opening=key_to_text(store.public(new.opening)),
        statement=statement,
    )
    try:
        with DeviceService(endpoint, store.signer(record.keys.signing)) as service:
            challenge = service.rotate(request).challenge
    except RegisterError as refused:
        if refused.why != _UNKNOWN:
            raise
        # The old key is taken no more: the register switched long ago, and the desk never heard of it.
        with DeviceService(endpoint, signer) as service:
            return service.switch(record.device_id, opened_to_text(bytes(32)))
    opened = opened_to_text(open_challenge(challenge, opener))
    with DeviceService(endpoint, signer) as service:
        return service.switch(record.device_id, opened)


def _destroy(store: KeyStore, pair: KeyPair | None) -> None:
    for key_id in (pair.signing, pair.opening) if pair is not None else ():
        try:
            store.destroy(key_id)
        except DeviceKeyUnusable:
            # It is named nowhere any more and opens nothing; the rotation itself is done.
            continue
