"""Extended length, negotiated: what the answer to reset and EF.ATR/INFO say about it (ICAO 9303-10 §3.6.4, §3.11.1).

Extended length fields may be used only where the card states its buffer sizes. The answer to reset often tells already
that it does not; only where it leaves that open is EF.ATR/INFO asked, which costs one command.
"""

from __future__ import annotations

from dataclasses import dataclass

from reader.errors import DataError
from reader.files.atr import Capabilities, ExtendedLength, capabilities_of
from reader.files.file_read import ReadLimits
from reader.files.layout import FileId
from reader.files.reading import read_file
from reader.files.sizes import SizePolicy
from reader.iso7816 import TLV, CardLink, atr_of, longest_apdu_of, parse

__all__ = ["AtrInfo", "Buffers", "negotiate", "parse_atr_info"]

MAX_BYTES = 1024
MAX_OBJECTS = 32
DO_CAPABILITIES = 0x47
DO_BUFFERS = 0x7F66
SHORTEST_EXTENDED = 261
LONGEST_COMMAND = 65544
LONGEST_RESPONSE = 65538


@dataclass(frozen=True, slots=True)
class Buffers:
    """Hold the longest command and response APDU that may be sent, in bytes with all length and status bytes."""

    command: int
    response: int

    def within(self, longest: int | None) -> Buffers:
        """Return what is left of these where a reader carries ``longest`` bytes at most; None means no limit known."""
        if longest is None:
            return self
        return Buffers(min(self.command, longest), min(self.response, longest))

    @property
    def worth_extending(self) -> bool:
        """Tell whether extended length brings anything: a short command has 261 bytes and its answer 258."""
        return self.command >= SHORTEST_EXTENDED and self.response > SHORTEST_EXTENDED


@dataclass(frozen=True, slots=True)
class AtrInfo:
    """Hold what EF.ATR/INFO says: about extended length fields, and the buffer sizes where it states them."""

    extended: ExtendedLength = ExtendedLength.NOT_TOLD
    buffers: Buffers | None = None


def parse_atr_info(raw: bytes) -> AtrInfo:
    """Read EF.ATR/INFO; raise DataError where it is not made of data objects or is over 1024 bytes.

    Padding of 00 or FF between and after the objects is passed over. Sizes that no APDU has are refused.
    """
    if len(raw) > MAX_BYTES:
        raise DataError("EF.ATR/INFO of more than 1024 bytes")
    extended, buffers = ExtendedLength.NOT_TOLD, None
    for tlv in _objects(raw):
        if tlv.tag == DO_CAPABILITIES:
            extended = Capabilities(tlv.value).extended
        elif tlv.tag == DO_BUFFERS:
            buffers = _read_buffers(tlv)
    return AtrInfo(extended, buffers)


def negotiate(link: CardLink) -> Buffers | None:
    """Return the buffers that card and reader share where both can do extended length, None where one cannot.

    Call it before access is opened and while the master file is selected. EF.ATR/INFO is read only where neither the
    answer to reset nor the reader rules extended length out. Raise what the link raises.
    """
    longest = longest_apdu_of(link)
    if longest is not None and longest <= SHORTEST_EXTENDED:
        return None
    if capabilities_of(atr_of(link)).extended is ExtendedLength.RULED_OUT:
        return None
    # A chip that has the file has it by short identifier: a second command to be told so again would be wasted.
    policy = SizePolicy(proven_short_ids=True)
    read = read_file(link, FileId.ATR_INFO, limits=ReadLimits(MAX_BYTES, 8), size_policy=policy)
    try:
        said = parse_atr_info(read.data) if read.complete else AtrInfo()
    except DataError:
        return None
    if said.buffers is None or said.extended is ExtendedLength.RULED_OUT:
        return None
    shared = said.buffers.within(longest)
    return shared if shared.worth_extending else None


def _objects(raw: bytes) -> list[TLV]:
    found: list[TLV] = []
    position = 0
    while position < len(raw):
        if raw[position] in (0x00, 0xFF):
            position += 1
            continue
        if len(found) == MAX_OBJECTS:
            raise DataError("EF.ATR/INFO of more than 32 data objects", position)
        found.append(parse(raw, position))
        position = found[-1].end
    return found


def _read_buffers(tlv: TLV) -> Buffers:
    """Read the two INTEGERs: longest command, longest response."""
    sizes = tlv.children()
    if [size.tag for size in sizes] != [0x02, 0x02] or not all(1 <= len(size.value) <= 4 for size in sizes):
        raise DataError("extended length information is not two sizes", tlv.start)
    command, response = (int.from_bytes(size.value, "big") for size in sizes)
    if not command or not response:
        raise DataError("extended length information of zero", tlv.start)
    return Buffers(min(command, LONGEST_COMMAND), min(response, LONGEST_RESPONSE))
