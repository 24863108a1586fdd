"""How much to ask of a card in one READ BINARY, and what it has taught us about that."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LADDER", "PEEK", "ChunkSizes", "SizePolicy", "extended_chunk"]

PEEK = 8
"""Bytes that hold every header of a file: a tag of two bytes and a length of five at most, and one more."""

LADDER = (224, 192, 160, 128, 96, 64, 32, 16, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class ChunkSizes:
    """Hold the most bytes one READ BINARY may bring: by short length, and by extended length where card and reader can.

    Plain short length brings 256. Secure messaging tells its own figures; ``extended`` stays None unless the card
    declared its buffers (ICAO 9303-10 §3.6), since extended length is forbidden otherwise.
    """

    short: int = 256
    extended: int | None = None

    def __post_init__(self) -> None:
        """Refuse sizes no command can ask for."""
        if not 1 <= self.short <= 256 or not (self.extended is None or 1 <= self.extended <= 65536):
            raise ValueError("short 1..256, extended 1..65536")


# What stands around the value of DO87 in a protected answer (ICAO 9303-11 §9.8.4): its tag, three bytes of length, the
# padding indicator; DO99 of four bytes, DO8E of ten, and the status word.
AROUND_VALUE = 1 + 3 + 1 + 4 + 10 + 2
LONGEST_NE = 65536


def extended_chunk(response: int, block_size: int) -> int:
    """Return the most plain bytes whose protected answer fits ``response`` bytes; at least one byte of it is padding.

    ``block_size`` is that of the cipher: 8 for 3DES, 16 for AES.
    """
    blocks = min(response - AROUND_VALUE, LONGEST_NE) // block_size
    return max(0, blocks * block_size - 1)


class SizePolicy:
    """Remember for one card how much it gives; shared by all files read from it."""

    def __init__(self, sizes: ChunkSizes | None = None, *, proven_short_ids: bool = False) -> None:
        self._sizes = sizes or ChunkSizes()
        self._chunk = self._sizes.extended or self._sizes.short
        self._asks_beyond_end = True
        self._knows_short_ids = True
        self._proven_short_ids = proven_short_ids

    @property
    def chunk(self) -> int:
        """Return the most to ask for now."""
        return self._chunk

    @property
    def first(self) -> int:
        """Return what to ask first of a file of unknown size: a whole chunk, unless the card refused that before."""
        return self._chunk if self._asks_beyond_end else min(PEEK, self._chunk)

    @property
    def uses_short_ids(self) -> bool:
        """Tell whether files are read by short identifier, or have to be selected."""
        return self._knows_short_ids

    @property
    def proven_short_ids(self) -> bool:
        """Tell whether the card is known to find files by short identifier: then "not found" means not there."""
        return self._proven_short_ids

    def prove_short_ids(self) -> None:
        """Remember that a file was read by its short identifier."""
        self._proven_short_ids = True

    def change(self, sizes: ChunkSizes) -> None:
        """Go on with other sizes, as under new session keys; a limit that the card has shown stays."""
        learnt = self._chunk if self._chunk < (self._sizes.extended or self._sizes.short) else LONGEST_NE
        self._sizes = sizes
        self._chunk = min(sizes.extended or sizes.short, learnt)

    def needs_extended(self, size: int) -> bool:
        """Tell whether ``size`` bytes come only in answer to a command with extended length fields."""
        return size > self._sizes.short

    def lower(self, refused: int) -> int:
        """Return the next size below ``refused``; 0 where there is none left."""
        if refused > self._sizes.short:
            return self._sizes.short
        return next((size for size in LADDER if size < refused), 0)

    def limit(self, size: int) -> None:
        """Remember that the card takes ``size`` but not more."""
        self._chunk = max(1, min(self._chunk, size))

    def never_beyond_end(self) -> None:
        """Remember that the card refuses to be asked for more than a file has."""
        self._asks_beyond_end = False

    def no_short_ids(self) -> None:
        """Remember that the card wants SELECT."""
        self._knows_short_ids = False
