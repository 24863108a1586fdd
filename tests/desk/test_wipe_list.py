"""What an order to wipe destroys beside the keys: the queue, and the booklets of every key that this desk ever had."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from auth.booklets import DeviceBox
from auth.device.keys import KeyUse, StoreKind
from auth.device.record import DeviceFolder, DeviceRecord, KeyPair, StorePlace
from auth.device.sealed_store import SealedKeyStore
from auth.device.seals import PassphraseSeal
from auth.device.secrets import Secret
from auth.device_opener import SoftwareOpener
from desk.device import sealed_files
from desk.device_place import booklet_file, ledger_file
from desk.settings import Settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeviceFolder:
    """Return the folder of a device with keys, where a desk looks for it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    found = DeviceFolder(tmp_path / ".local" / "share" / "motcua" / "device")
    store = SealedKeyStore(found.path, PassphraseSeal(found.path, Secret(lambda: b"a passphrase of a test")))
    keys = KeyPair.of(store.create(KeyUse.SIGNING), store.create(KeyUse.OPENING), time.time())
    place = StorePlace(kind=StoreKind.PASSPHRASE)
    with found.locked():
        found.write(DeviceRecord(place=place, office="UBND xã Thử 099", counter="Quầy 3", keys=keys))
    return found


@pytest.mark.parametrize("named", [False, True])
def test_booklets_of_this_key_and_of_earlier_ones_are_on_it_and_the_ledger_is_not(
    folder: DeviceFolder, tmp_path: Path, *, named: bool
) -> None:
    settings = Settings(ledger=tmp_path / "office" / "acts.db") if named else Settings()
    record = folder.read()
    assert record is not None
    booklets = [booklet_file(settings, key) for key in (record.keys.signing, "an-earlier-key")]
    for file in booklets:
        file.parent.mkdir(parents=True, exist_ok=True)
        DeviceBox(file, SoftwareOpener.generate()).save(b"pages")
    half_written = booklets[0].with_name(f".{booklets[0].name}.new")
    half_written.write_bytes(b"pages")
    ledger = ledger_file(settings, record.keys.signing)
    ledger.write_bytes(b"acts")
    (ledger.parent / "somebody-elses.db").write_bytes(b"")
    wiped = set(sealed_files(settings, folder))
    assert wiped >= {*booklets, half_written}
    assert not {file for file in wiped if file.exists()} - {*booklets, half_written}
    assert ledger not in wiped
