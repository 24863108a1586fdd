"""A card on a virtual reader: vpcd's protocol, spoken from the card's side.

Both ways two bytes of big-endian length and the payload. A payload of one byte is a control of the reader (power off,
power on, reset, get ATR), a longer one a command APDU; only "get ATR" and APDUs are answered.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from enum import IntEnum

from mock_cards.card import EmulatedCard
from reader.errors import CardRemoved, DataError, MuteCard, ServiceUnavailable
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU

__all__ = ["VirtualSlot"]

# pcscd looks at a virtual slot every 400 ms: a shorter absence would go unseen and the next card would be taken for
# the last one, powered and all.
ABSENCE_SECONDS = 0.6
RETRY_SECONDS = 0.1
JOIN_SECONDS = 5.0
READER_CLASS = 0xFF
# PC/SC takes at most 33 bytes: an ATR it cannot take is to it a card that does not answer a reset. (An empty answer
# would be to vpcd a card that was taken away.)
UNUSABLE_ATR = bytes(34)
LONGEST_MESSAGE = 0xFFFF


class Control(IntEnum):
    """Name vpcd's one-byte payloads."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    GET_ATR = 4


class VirtualSlot:
    """Put emulated cards on a virtual reader and take them away; ``connect`` opens a connection to its vpcd.

    A card that lies there stays when pcscd is restarted: the connection is made anew. A card that raises CardRemoved
    takes itself away; one that raises MuteCard loses contact and comes back, as after a reader's time-out.
    """

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._lying: _LyingCard | None = None
        self._empty_since = time.monotonic() - ABSENCE_SECONDS

    def insert(self, card: EmulatedCard) -> None:
        """Put ``card`` on the reader; what lay there is taken away first. PC/SC notices within half a second."""
        self.remove()
        with self._lock:
            absence = max(0.0, self._empty_since + ABSENCE_SECONDS - time.monotonic())
            self._lying = _LyingCard(card, self._connect, absence)

    def remove(self) -> None:
        """Take the card away, in the middle of an APDU if need be; the reader may be empty already."""
        with self._lock:
            lying, self._lying = self._lying, None
        if lying is not None and lying.take_away():
            self._empty_since = time.monotonic()

    @property
    def holds_card(self) -> bool:
        """Tell whether a card lies there; one that took itself away does not."""
        with self._lock:
            return self._lying is not None and not self._lying.is_gone

    def wait_until_powered(self, seconds: float) -> bool:
        """Wait until PC/SC has found the card and powered it; tell whether it has."""
        with self._lock:
            lying = self._lying
        return lying is not None and lying.found.wait(seconds)

    def swap(self, card: EmulatedCard) -> None:
        """Put ``card`` in the place of the one that lies there, as quickly as PC/SC can notice."""
        self.insert(card)


class _LyingCard:
    """Answer for one card from the moment it is put on to the moment it is taken away."""

    def __init__(self, card: EmulatedCard, connect: Callable[[], socket.socket], absence: float) -> None:
        self._card = card
        self._connect = connect
        self.found = threading.Event()
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._powered = False
        self._thread = threading.Thread(target=self._lie, args=(absence,), name="virtual-card", daemon=True)
        self._thread.start()

    @property
    def is_gone(self) -> bool:
        """Tell whether the card was taken away or took itself away."""
        return self._gone.is_set()

    def take_away(self) -> bool:
        """End the connection at once; return whether the card was still there."""
        was_there = not self._gone.is_set()
        self._gone.set()
        with self._lock:
            if self._connection is not None:
                # The thread that blocks in recv owns the descriptor; it closes it when this wakes it.
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_SECONDS)
        return was_there

    def _lie(self, absence: float) -> None:
        while not self._gone.wait(absence):
            absence = ABSENCE_SECONDS
            try:
                connection = self._connect()
            except ServiceUnavailable:
                absence = RETRY_SECONDS
                continue
            with self._lock:
                self._connection = connection
            try:
                self._answer_all(connection)
            except CardRemoved:
                self._gone.set()
            except (OSError, MuteCard):
                # pcscd went, or the card lost contact: it still lies there and is found again.
                pass
            finally:
                with self._lock:
                    self._connection = None
                    connection.close()
                self._power_off()

    def _answer_all(self, connection: socket.socket) -> None:
        while not self._gone.is_set():
            payload = _receive(connection)
            if len(payload) == 1:
                self._control(connection, payload[0])
            else:
                _send(connection, self._exchange(payload).to_bytes())

    def _control(self, connection: socket.socket, control: int) -> None:
        if control == Control.GET_ATR:
            _send(connection, self._card.atr or UNUSABLE_ATR)
            if self._powered:
                self.found.set()
        elif control == Control.POWER_OFF:
            self._power_off()
        elif control == Control.RESET and self._powered:
            self._card.reset()
        elif control in (Control.POWER_ON, Control.RESET):
            self._power_on()

    def _exchange(self, payload: bytes) -> ResponseAPDU:
        try:
            command = CommandAPDU.from_bytes(payload)
        except DataError:
            return ResponseAPDU(b"", SW.WRONG_LENGTH)
        if command.cla == READER_CLASS:
            # Such a command is meant for the reader itself (PC/SC part 3 §3.2.2); this one has nothing to say.
            return ResponseAPDU(b"", SW.FUNCTION_NOT_SUPPORTED)
        if not self._powered:
            self._power_on()
        response = self._card.transmit(command)
        return response if len(response.data) + 2 <= LONGEST_MESSAGE else ResponseAPDU(b"", SW.WRONG_LENGTH)

    def _power_on(self) -> None:
        self._powered = True
        self._card.power_on()

    def _power_off(self) -> None:
        if self._powered:
            self._powered = False
            self._card.power_off()


def _receive(connection: socket.socket) -> bytes:
    return _receive_exactly(connection, int.from_bytes(_receive_exactly(connection, 2), "big"))


def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        part = connection.recv(size - len(received))
        # vpcd sends length and payload in two writes, so the second waits for our acknowledgement of the first. The
        # kernel delays that by 40 ms unless told otherwise, and forgets that it was told with every receive.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        if not part:
            raise ConnectionResetError("vpcd closed the connection")
        received += part
    return bytes(received)


def _send(connection: socket.socket, payload: bytes) -> None:
    connection.sendall(len(payload).to_bytes(2, "big") + payload)
