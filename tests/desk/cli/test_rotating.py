"""``motcua enrol --rotate`` while look-ups wait: the key to the queue is not among those that are destroyed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from auth.device.states import DeviceAct
from auth.ledger import Ledger
from auth.outbox import Item, Letter, Outbox
from desk.device import desk_device
from desk.device_place import device_folder, ledger_file
from desk.settings import Settings
from desk.waiting_assembly import open_outbox

PURPOSE = ("land-change-registration", "Luật Đất đai 31/2024/QH15, Điều 133")
SEALED = b"aGVhZA.a2V5.aXY.dGV4dA.dGFn"
# The class of this fixture lives in conftest.py, which cannot be imported from here.
Office = Any


@contextmanager
def _queue(settings: Settings) -> Iterator[Outbox]:
    """Open the queue as a desk does at its start."""
    device = desk_device(settings)
    path = ledger_file(settings, device.credential.signer.key_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            closing(Ledger(path, device.credential.signer, machine="")) as ledger,
            closing(open_outbox(settings, device.credential, ledger, device.former_opener)) as outbox,
        ):
            yield outbox
    finally:
        assert device.keeper is not None
        device.keeper.close()


def _queued(settings: Settings) -> Item:
    asked = ("visit-1", "H-1", "population", "/v1/persons:lookup", *PURPOSE, "cb-001", "key-1")
    with _queue(settings) as outbox:
        return outbox.put(Letter(*asked, "099090000001", SEALED))


def test_rotations_while_the_desk_is_closed_lose_nothing_that_waits(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    enrol()
    item = _queued(office.load())
    for _ in range(2):
        assert enrol("--rotate").code == 0
    with _queue(office.load()) as outbox:
        assert outbox.items() == [item]
        assert outbox.payload(item) == SEALED
        assert outbox.overview().trouble == ""


def test_beside_a_desk_that_works_with_the_former_keys_nothing_is_rotated_and_it_is_said_why(
    first: Any, enrol: Callable[..., Any], office: Office
) -> None:
    """Also by the timer, which is the one that nobody looks at: it must not end well."""
    office.devices.act(office.devices.list()[0].device_id, DeviceAct.APPROVE)
    enrol()
    item, folder = _queued(office.load()), device_folder(office.load())
    with _queue(office.load()):
        assert enrol("--rotate").code == 0, "the desk goes on with the keys that it was opened with"
        record = folder.read()
        assert record is not None
        folder.write(
            record.model_copy(update={"keys": record.keys.model_copy(update={"made": record.keys.made - 91 * 86_400})})
        )
        before = folder.read()
        for words in (("--rotate",), ("--rotate", "--if-due")):
            refused = enrol(*words)
            assert refused.code == 10
            assert "the queue needs the former ones" in refused.err
            assert "in-use" in refused.err
        assert folder.read() == before
    assert enrol("--rotate", "--if-due").code == 0
    with _queue(office.load()) as outbox:
        assert outbox.items() == [item]
