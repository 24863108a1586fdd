"""What ``mock-cards serve`` does: an emulated card on a private PC/SC service until somebody stops it."""

from __future__ import annotations

import ipaddress
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mock_cards.build import build_chip
from mock_cards.card import EmulatedCard
from mock_cards.pcsc import DEFAULT_PORT, PrivatePcscd, VirtualSlot
from mock_cards.timing import with_timing
from reader.errors import ServiceUnavailable

__all__ = ["serve"]

STOPPED = 0
USAGE = 2
PCSC_TROUBLE = 3
POWER_SECONDS = 10.0


def serve(
    persona: str,
    forgeries: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
    chip: str = "",
    timing: str = "none",
    host: str = "127.0.0.1",
    port: int | None = None,
) -> int:
    """Serve one card until SIGINT or SIGTERM; return the exit code.

    Standard output gets one line, ``PCSCLITE_CSOCK_NAME=…``, once PC/SC has the card: clients set it before their first
    PC/SC call. ``host`` and ``port`` say where vpcd listens inside its own network namespace, so a host other than
    loopback is refused (2), as is an unknown name. 3 where no private pcscd can be had.
    """
    if not _is_loopback(host):
        return _refuse("an emulated card is served on loopback only")
    if port is not None and not 1 <= port <= 65534:
        return _refuse("the port is 1 to 65534 (the second reader takes the next)")
    try:
        card = with_timing(build_chip(persona, forgeries, faults, chip), timing)
    except KeyError as unknown:
        return _refuse(f"no such name: {unknown.args[0]} (mock-cards list)")
    except ValueError as wrong:
        return _refuse(f"a fault that cannot be: {wrong} (mock-cards list)")
    try:
        with _stopped_by_signal() as stop, PrivatePcscd(port=port or DEFAULT_PORT) as pcscd:
            _serve_until(stop, pcscd, card)
    except ServiceUnavailable as error:
        _tell(str(error))
        return PCSC_TROUBLE
    return STOPPED


def _serve_until(stop: threading.Event, pcscd: PrivatePcscd, card: EmulatedCard) -> None:
    slot = VirtualSlot(pcscd.connect)
    slot.insert(card)
    try:
        if not slot.wait_until_powered(POWER_SECONDS):
            raise ServiceUnavailable("the private pcscd does not see the card")
        for name, value in pcscd.environment.items():
            sys.stdout.write(f"{name}={value}\n")
            sys.stdout.flush()
            _tell(f"export {name}={value}\nThe card lies on the reader. Ctrl+C takes it away.")
        stop.wait()
    finally:
        slot.remove()


@contextmanager
def _stopped_by_signal() -> Iterator[threading.Event]:
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
