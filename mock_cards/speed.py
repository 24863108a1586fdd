"""How long things take in a reader's field: the radio link frame by frame, and the chip's own work.

The link is ISO/IEC 14443-4 over 14443-3 type A. What a chip needs for its work is published nowhere; the figures here
are assumptions of the usual order, to be replaced by one's own in a chip profile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mock_cards.coprocessor import Operation, Work

__all__ = ["BIT_RATES", "ChipSpeed", "LinkModel"]

BIT_RATES = (106, 212, 424, 848)
"""Bit rates of ISO/IEC 14443-3 type A, kbit/s."""

_BYTE_AT_106 = 84.96e-6  # nine bits, parity included, of 128/fc each
_BLOCK_OVERHEAD = 3  # protocol control byte and CRC (ISO/IEC 14443-4 §7.1)
_WAITING_BLOCK = 4  # S(WTX) has one byte of information
_FRAME_WAITING_UNIT = 256 * 16 / 13.56e6
_RSA_PUBLIC_SHARE = 25  # seventeen squarings of 2048, without the Chinese remainder


@dataclass(frozen=True, slots=True)
class LinkModel:
    """Model the radio link at ``rate`` kbit/s.

    ``frame_size`` is what either side takes in one frame (FSD and FSC, bytes); ``per_frame`` the guard time, the frame
    delay and the reader's own handling of each frame in seconds; ``waiting_integer`` the FWI, after whose time a chip
    still at work asks for more by S(WTX).
    """

    rate: int
    frame_size: int = 256
    per_frame: float = 0.3e-3
    waiting_integer: int = 8

    def __post_init__(self) -> None:
        """Refuse a bit rate or a frame size that the standard does not have."""
        if self.rate not in BIT_RATES:
            raise ValueError(f"the bit rate is one of {BIT_RATES} kbit/s")
        if not 16 <= self.frame_size <= 4096 or not 0 <= self.waiting_integer <= 14:
            raise ValueError("a frame is 16 to 4096 bytes, FWI is 0 to 14")

    @property
    def byte_time(self) -> float:
        """Return the seconds of one byte on the air."""
        return _BYTE_AT_106 * 106 / self.rate

    def frames(self, size: int) -> tuple[int, int]:
        """Return how many frames an APDU of ``size`` bytes takes, R-blocks included, and their bytes in all.

        A chain of I-blocks has an R-block in the other direction after each but the last (ISO/IEC 14443-4 §7.5.2).
        """
        blocks = max(1, -(-size // (self.frame_size - _BLOCK_OVERHEAD)))
        frames = 2 * blocks - 1
        return frames, size + frames * _BLOCK_OVERHEAD

    def seconds(self, sent: int, received: int, chip_seconds: float = 0.0) -> float:
        """Return the link's time for a command of ``sent`` bytes, answered by ``received`` after ``chip_seconds``."""
        there, back = self.frames(sent), self.frames(received)
        extensions = int(chip_seconds / (_FRAME_WAITING_UNIT * 2**self.waiting_integer))
        frames = there[0] + back[0] + 2 * extensions
        size = there[1] + back[1] + 2 * extensions * _WAITING_BLOCK
        return frames * self.per_frame + size * self.byte_time


@dataclass(frozen=True, slots=True)
class ChipSpeed:
    """Hold a chip's seconds: for any command, for each byte through its ciphers, and for calculations by their size.

    ``ec_256``, ``rsa_2048`` and ``dh_2048`` are one scalar multiplication over 256 bits, one RSA signature of 2048, one
    power modulo 2048 bits with an exponent of 256. Other sizes follow by the cube (by square and exponent for DH), as
    with a multiplier of fixed width.
    """

    per_command: float = 6e-3
    per_byte: float = 2e-6
    ec_256: float = 20e-3
    rsa_2048: float = 120e-3
    dh_2048: float = 60e-3

    def command_seconds(self, sent: int, received: int) -> float:
        """Return the time for taking a command of ``sent`` bytes and making an answer of ``received``."""
        return self.per_command + (sent + received) * self.per_byte

    def work_seconds(self, work: Iterable[Work]) -> float:
        """Return the time of calculations."""
        return sum(self._seconds(one) for one in work)

    def _seconds(self, work: Work) -> float:
        if work.operation is Operation.EC:
            return self.ec_256 * (work.bits / 256) ** 3
        if work.operation is Operation.DH:
            return self.dh_2048 * (work.bits / 2048) ** 2 * work.exponent_bits / 256
        if work.operation is Operation.RSA_PRIVATE:
            return self.rsa_2048 * (work.bits / 2048) ** 3
        return self.rsa_2048 * (work.bits / 2048) ** 2 / _RSA_PUBLIC_SHARE
