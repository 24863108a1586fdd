"""What ``mock-cards serve`` does: emulated cards on a private PC/SC service until somebody stops it."""

from __future__ import annotations

import ipaddress
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mock_cards.build import CardFactory, shared_factory
from mock_cards.issuing.private_keys import to_pkcs8
from mock_cards.orders import CardOrder, make_card
from mock_cards.pcsc import DEFAULT_PORT, MOST_READERS, CardTable, ControlServer, PrivatePcscd
from mock_cards.refusal import Refusal
from reader.errors import DataError, ServiceUnavailable

__all__ = ["SlotOrders", "new_seed", "serve", "stopped_by_signal", "write_terminals"]

STOPPED = 0
USAGE = 2
PCSC_TROUBLE = 3
HIGHEST_PORT = 65535
SEED_BYTES = 16

SlotOrders = Mapping[int, CardOrder]
"""The cards to put on, by slot; slots count from 1."""


def new_seed() -> str:
    """Return a fresh seed: keys nobody can guess, which a recording can still name."""
    return secrets.token_hex(SEED_BYTES)


def serve(
    orders: SlotOrders,
    *,
    readers: int = 0,
    seed: str | None = None,
    record: Path | None = None,
    trust: Path | None = None,
    terminals: Path | None = None,
    log: bool = False,
    host: str = "127.0.0.1",
    port: int | None = None,
) -> int:
    """Serve cards until SIGINT or SIGTERM; return the exit code.

    Standard output gets one line, ``PCSCLITE_CSOCK_NAME=…``, once PC/SC has the cards: clients set it before their
    first PC/SC call. There are as many readers as ``readers`` or the highest slot asks for. ``seed`` fixes every key.
    The CSCA certificates are written into the folder ``trust``, certificates and keys of the terminals that may read
    DG3 and DG4 into ``terminals``, and what goes to the card in the lowest slot to ``record`` at the end. With ``log``
    each refusal is told with the clause it rests on. ``host`` and ``port`` say where vpcd listens inside its own
    network namespace, so a host other than loopback is refused (2), as is an unknown name. 3 where no private pcscd can
    be had.
    """
    readers = max(readers, *orders, 1)
    if not _is_loopback(host):
        return _refuse("an emulated card is served on loopback only")
    if not 1 <= readers <= MOST_READERS or min(orders, default=1) < 1:
        return _refuse(f"there are 1 to {MOST_READERS} readers")
    if port is not None and not 1 <= port <= HIGHEST_PORT - MOST_READERS:
        return _refuse(f"the port is 1 to {HIGHEST_PORT - MOST_READERS} (each further reader takes the next)")
    factory = shared_factory(seed or new_seed())
    try:
        for order in orders.values():
            make_card(order, factory)
    except KeyError as unknown:
        return _refuse(f"no such name: {unknown.args[0]} (mock-cards list)")
    except (ValueError, DataError) as wrong:
        return _refuse(f"no such card: {wrong} (mock-cards list)")
    if trust is not None:
        _write_anchors(trust, factory)
    if terminals is not None:
        write_terminals(terminals, factory)
    try:
        with stopped_by_signal() as stop, PrivatePcscd(port=port or DEFAULT_PORT, readers=readers) as pcscd:
            table = CardTable(pcscd, factory, _tell_refusal if log else None)
            _serve_until(stop, pcscd, table, orders, record)
    except ServiceUnavailable as error:
        _tell(str(error))
        return PCSC_TROUBLE
    return STOPPED


def _serve_until(
    stop: threading.Event, pcscd: PrivatePcscd, table: CardTable, orders: SlotOrders, record: Path | None
) -> None:
    try:
        for slot, order in sorted(orders.items()):
            table.insert(slot, order)
        with ControlServer(table, pcscd.directory, pcscd.socket_path):
            for name, value in pcscd.environment.items():
                sys.stdout.write(f"{name}={value}\n")
                sys.stdout.flush()
                _tell(f"export {name}={value}")
            _tell(_what_lies_there(table))
            stop.wait()
            if record is not None and orders:
                _write(record, table.recording(min(orders)).to_text())
    finally:
        table.close()


def _what_lies_there(table: CardTable) -> str:
    lines = [
        f"{status.slot}  {status.reader}  {status.ordered.order.summary if status.ordered else '–'}"
        for status in table.status()
    ]
    return "\n".join([*lines, "mock-cards insert, remove, swap, window change this. Ctrl+C ends it."])


def _write_anchors(folder: Path, factory: CardFactory) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, certificate in enumerate(factory.anchors):
        (folder / f"test-csca-{number}.cer").write_bytes(certificate)
    (folder / "test-csca.crl").write_bytes(factory.revocation_list())


def write_terminals(folder: Path, factory: CardFactory) -> None:
    """Write certificates and private keys of the terminals that may read DG3 and DG4, the keys for their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, holder in factory.terminals.holders.items():
        (folder / name).write_bytes(holder.certificate)
        key = folder / name.replace(".cvcert", ".p8")
        key.touch(mode=0o600)
        key.write_bytes(to_pkcs8(holder.key))


def _tell_refusal(slot: int, refusal: Refusal) -> None:
    _tell(f"{slot}  {refusal}")


def _write(file: Path, text: str) -> None:
    """Write a file for its owner only."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


@contextmanager
def stopped_by_signal() -> Iterator[threading.Event]:
    """Set an event at SIGINT or SIGTERM, so that everything is taken down in good order; only in the main thread."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(text: str) -> int:
    _tell(text)
    return USAGE


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
