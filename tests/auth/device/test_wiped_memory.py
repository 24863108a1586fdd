"""After an order to wipe a desk that is open signs and opens nothing more, and nothing of ours holds its keys."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from auth.device import SoftwareOpener, SoftwareSigner
from auth.device.errors import DeviceWiped
from auth.device.keeper import DeviceKeeper
from auth.device.keys import KeyStore
from auth.device.late import forget_keys, late_credential
from auth.device.states import DeviceAct, DeviceState
from auth.wire import DeviceCredential


def open_keys(desk: Any, store: KeyStore) -> DeviceCredential:
    """Return who the desk is, with both keys in memory."""
    credential = late_credential(desk.record, store)
    assert len(credential.signer.sign(b"before")) == 64
    assert credential.opener is not None
    assert credential.opener.spki
    return credential


def held(key_ids: set[str]) -> list[str]:
    """Return which of these keys some object of ours holds."""
    gc.collect()
    found = [one for one in gc.get_objects() if type(one) in (SoftwareSigner, SoftwareOpener)]
    return [one.key_id for one in found if one.key_id in key_ids]


@pytest.fixture
def wiping(desk: Any) -> Any:
    desk.become_active()
    return desk


def test_whoever_has_the_credential_can_neither_sign_nor_open_any_more(wiping: Any) -> None:
    store, keys = wiping.store, set(wiping.record.all_keys)
    credential = open_keys(wiping, store)
    assert sorted(held(keys)) == sorted(keys)
    wiping.registrar.act(wiping.record.device_id, DeviceAct.ORDER_WIPE)

    def forget() -> None:
        forget_keys(credential.signer, credential.opener, None)

    keeper = DeviceKeeper(wiping.folder, store, wiping.registrar.enrolment, forget_keys=forget)
    assert keeper.refresh().state is DeviceState.WIPED
    assert held(keys) == []
    for _ in range(2):
        with pytest.raises(DeviceWiped):
            credential.signer.sign(b"after")
        assert credential.opener is not None
        with pytest.raises(DeviceWiped):
            credential.opener.agree(b"\x04" + bytes(64))


def test_they_are_forgotten_first_also_where_something_cannot_be_destroyed(wiping: Any, tmp_path: Path) -> None:
    store = wiping.store
    credential = open_keys(wiping, store)
    wiping.registrar.act(wiping.record.device_id, DeviceAct.ORDER_WIPE)

    def cannot() -> tuple[Path, ...]:
        raise RuntimeError("a disk that fails")

    keeper = DeviceKeeper(
        wiping.folder,
        store,
        wiping.registrar.enrolment,
        sealed_files=cannot,
        forget_keys=lambda: forget_keys(credential.signer, credential.opener),
    )
    with pytest.raises(RuntimeError):
        keeper.refresh()
    with pytest.raises(DeviceWiped):
        credential.signer.sign(b"after")
