"""A card that is nothing but files, with the habits real ones have."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from reader.files import FileId
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode, find


@dataclass
class FileCard:
    """Answer SELECT and READ BINARY over ``files``; each field below is one habit."""

    files: dict[FileId, bytes]
    limit: int = 65536  # more bytes than this are refused ...
    hint: bool = False  # ... with 6Cxx instead of 6700
    gives: int = 65536  # however many were asked for, no more than these come
    short_ids: bool = True
    beyond_end: int = SW.END_OF_FILE  # how it answers a request that reaches beyond the end of a file
    denied: frozenset[FileId] = frozenset()
    commands: list[CommandAPDU] = field(default_factory=list)
    current: FileId | None = None

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        if command.ins == 0xA4:
            return self.select(command)
        if command.ins == 0xB1:
            offset = int.from_bytes(find(command.data, 0x54), "big")
            return self.read_odd(offset, command.ne)
        assert command.ins == 0xB0
        if not command.p1 & 0x80:
            return self.read(command.p1 << 8 | command.p2, command.ne)
        if not self.short_ids:
            return ResponseAPDU(b"", SW.FUNCTION_NOT_SUPPORTED)
        refusal = self.make_current(next((file for file in self.files if file.sfi == command.p1 & 0x1F), None))
        return refusal or self.read(command.p2, command.ne)

    def select(self, command: CommandAPDU) -> ResponseAPDU:
        assert (command.p1, command.p2) == (0x02, 0x0C)
        refusal = self.make_current(next((file for file in self.files if file.fid == command.data), None))
        return refusal or ResponseAPDU(b"", SW.OK)

    def make_current(self, file: FileId | None) -> ResponseAPDU | None:
        self.current = None
        if file is None:
            return ResponseAPDU(b"", SW.FILE_NOT_FOUND)
        if file in self.denied:
            return ResponseAPDU(b"", SW.SECURITY_STATUS)
        self.current = file
        return None

    def read(self, offset: int, ne: int) -> ResponseAPDU:
        if self.current is None:
            return ResponseAPDU(b"", SW.NO_CURRENT_EF)
        content = self.files[self.current]
        if ne > self.limit:
            return ResponseAPDU(b"", 0x6C00 | self.limit & 0xFF if self.hint else SW.WRONG_LENGTH)
        if offset >= len(content):
            return ResponseAPDU(b"", SW.WRONG_OFFSET)
        data = content[offset : offset + min(ne, self.gives)]
        if offset + ne <= len(content):
            return ResponseAPDU(data, SW.OK)
        if self.beyond_end == SW.END_OF_FILE and offset + len(data) < len(content):
            return ResponseAPDU(data, SW.OK)  # 6282 comes with the last byte and not before (ISO/IEC 7816-4 §5.6)
        if self.beyond_end == 0x6C00:
            return ResponseAPDU(b"", 0x6C00 | len(content) - offset)
        if self.beyond_end not in (SW.OK, SW.END_OF_FILE):
            return ResponseAPDU(b"", self.beyond_end)
        return ResponseAPDU(data, self.beyond_end)

    def read_odd(self, offset: int, ne: int) -> ResponseAPDU:
        inner = self.read(offset, max(1, ne - (2 if ne < 0x80 + 2 else 3 if ne < 0x100 + 3 else 4)))
        return ResponseAPDU(encode(0x53, inner.data), inner.sw) if inner.data else inner


def content(file: FileId, size: int) -> bytes:
    """Return a file of exactly ``size`` bytes under its tag."""
    assert file.tag is not None
    around = 2 if size < 0x82 else 3 if size < 0x103 else 4 if size < 0x10004 else 5
    raw = encode(file.tag, bytes(index * 7 % 251 for index in range(size - around)))
    assert len(raw) == size
    return raw


@pytest.fixture(scope="session")
def make_card() -> type[FileCard]:
    return FileCard


@pytest.fixture(scope="session")
def file_content():
    return content
