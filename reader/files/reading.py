"""The read engine: one file, in as few commands as the card allows, within bounds whatever it answers.

The first READ BINARY goes by short file identifier and asks for a whole chunk: its answer brings the header, so no
command is spent on a peek. The last one asks for just what is left. What a card refuses is remembered in its
``SizePolicy``. A file that cannot be read is a result that says why; only a dead link or channel raises.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from reader.errors import Cancelled, CardError, DataError, PCSCError, UnprotectedStatus
from reader.files.atr import capabilities_of
from reader.files.file_read import FileRead, ReadLimits, ReadOutcome
from reader.files.layout import EMRTD_AID, FileId
from reader.files.sizes import PEEK, SizePolicy
from reader.iso7816 import (
    SW,
    CardLink,
    CommandAPDU,
    ResponseAPDU,
    atr_of,
    encode,
    get_response,
    parse,
    parse_all,
    read_header,
)

__all__ = ["Progress", "read_file", "select_application"]

INS_SELECT = 0xA4
INS_READ_BINARY = 0xB0
INS_READ_BINARY_ODD = 0xB1
LAST_EVEN_OFFSET = 0x7FFF
MAX_HEADER = 7

Progress = Callable[[int, int | None], None]
"""Be told the bytes received and the bytes of the file, None while they are unknown."""


def read_file(
    link: CardLink,
    file: FileId,
    *,
    limits: ReadLimits | None = None,
    size_policy: SizePolicy | None = None,
    on_progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
    known: FileRead | None = None,
    keep: Callable[[FileRead], None] | None = None,
    on_bytes: Callable[[bytes], None] | None = None,
) -> FileRead:
    """Read one file of the application that is selected now (ICAO 9303-10 §3.6; ISO/IEC 7816-4 §7.2).

    Hand in the same ``size_policy`` for all files of a card. ``clock`` tells seconds. A file that is not found by its
    short identifier is looked for by SELECT, unless the card is known to have short identifiers. Raise what the link
    raises: Cancelled, PCSCError, CardError; in particular SecureMessagingError when the channel has died.

    Before a PCSCError, CardError or Cancelled is passed on, ``keep`` is handed the part that has come. With such a part
    as ``known`` the reading goes on behind it; that it is of the same file of the same card is for the caller to show.
    ``on_bytes`` is handed what has come, piece by piece, ``known`` first: for a first sight, before the file is whole.
    """
    policy = size_policy or SizePolicy(proven_short_ids=capabilities_of(atr_of(link)).short_identifiers)
    reading = _Reading(link, file, limits or ReadLimits(), policy, on_progress, clock, on_bytes)
    if known is not None:
        reading.go_on_behind(known)
    try:
        return reading.run()
    except (PCSCError, CardError, Cancelled):
        if keep is not None:
            keep(reading.part)
        raise


def select_application(link: CardLink, aid: bytes = EMRTD_AID) -> int:
    """Select an application by its identifier, asking for no answer data; return the status word."""
    return link.transmit(CommandAPDU(0x00, INS_SELECT, 0x04, 0x0C, aid)).sw


class _Reading:
    """Hold the state of one file while it is read."""

    def __init__(
        self,
        link: CardLink,
        file: FileId,
        limits: ReadLimits,
        policy: SizePolicy,
        on_progress: Progress | None,
        clock: Callable[[], float],
        on_bytes: Callable[[bytes], None] | None,
    ) -> None:
        self._on_bytes = on_bytes or (lambda _: None)
        self._link = link
        self._file = file
        self._limits = limits
        self._policy = policy
        self._on_progress = on_progress
        self._clock = clock
        self._deadline = clock() + limits.max_seconds
        self._data = bytearray()
        self._total: int | None = None
        self._by_short_id = policy.uses_short_ids
        self._is_current = False
        self._unprotected = False
        self._apdus = 0
        self._sw = int(SW.OK)

    def go_on_behind(self, known: FileRead) -> None:
        """Take what is known as read, as far as it is the beginning of a file that is not whole yet."""
        if known.file is not self._file:
            raise ValueError("the part of another file")
        self._data += known.data[: self._limits.max_bytes]
        if self._data and self._judge_length() is not None:
            # A part that is the whole, or no file at all, is no part: it is read from the beginning.
            self._data.clear()
            self._total = None
        self._on_bytes(bytes(self._data))

    @property
    def part(self) -> FileRead:
        """Return what has come so far."""
        return FileRead(self._file, ReadOutcome.INTERRUPTED, bytes(self._data), self._total, self._sw, self._apdus)

    def run(self) -> FileRead:
        outcome = None
        while outcome is None:
            try:
                outcome = self._advance()
            except DataError:
                outcome = ReadOutcome.DAMAGED
        return FileRead(self._file, outcome, bytes(self._data), self._total, self._sw, self._apdus)

    def _advance(self) -> ReadOutcome | None:
        """Take one more chunk; return the outcome once there is nothing more to do."""
        if self._spent:
            return ReadOutcome.OVER_BUDGET
        offset = len(self._data)
        want = self._policy.first if self._total is None and not offset else self._policy.chunk
        if self._total is not None:
            want = min(want, self._total - offset)
        refused = self._make_current()
        if refused is not None:
            return refused
        asked, response = self._fetch(want)
        if not offset and response.sw not in (SW.OK, SW.END_OF_FILE, SW.PART_CORRUPTED):
            return self._not_by_short_id(response.sw)
        if self._by_short_id and response.data:
            self._policy.prove_short_ids()
        return self._take(response, asked)

    @property
    def _spent(self) -> bool:
        """Tell whether commands or seconds are used up."""
        return self._apdus >= self._limits.max_apdus or self._clock() >= self._deadline

    def _fetch(self, want: int) -> tuple[int, ResponseAPDU]:
        """Ask for ``want`` bytes at the current offset, and for fewer as long as the card finds that too many."""
        size, refused = want, 0
        while True:
            response = self._read_binary(size)
            smaller = self._smaller(size, response.sw)
            if not smaller or self._spent:
                break
            refused, size = size, smaller
            self._make_current()
        if refused and response.data:
            self._learn(refused, size, response.data)
        return size, response

    def _smaller(self, size: int, sw: int) -> int:
        """Return the size to try next after ``sw``, 0 where it does not speak of lengths (ISO/IEC 7816-4 §5.6)."""
        if sw >> 8 == 0x6C and (sw & 0xFF or 256) < size:
            return sw & 0xFF or 256
        if sw != SW.WRONG_LENGTH:
            return 0
        # Before the header is known, the reason may be that the file is short: a peek tells.
        return PEEK if self._total is None and size > PEEK else self._policy.lower(size)

    def _learn(self, refused: int, accepted: int, data: bytes) -> None:
        """Find out why a size was refused: the card takes no more than this, or the file has no more."""
        total = self._total if self._total is not None else _file_length(bytes(self._data) + data)
        if total is None:
            return
        if refused > total - len(self._data):
            self._policy.never_beyond_end()
        elif accepted != PEEK or refused <= 16:
            self._policy.limit(accepted)

    def _read_binary(self, size: int) -> ResponseAPDU:
        offset = len(self._data)
        if offset > LAST_EVEN_OFFSET:
            return self._read_binary_odd(offset, size)
        by_short_id = self._by_short_id and not offset
        p1, p2 = (0x80 | self._file.sfi, 0x00) if by_short_id else divmod(offset, 0x100)
        extended = self._policy.needs_extended(size)
        response = self._send(CommandAPDU(0x00, INS_READ_BINARY, p1, p2, ne=size, extended=extended))
        return ResponseAPDU(response.data[:size], response.sw)

    def _read_binary_odd(self, offset: int, size: int) -> ResponseAPDU:
        """Read by odd instruction: the offset stands in DO54, the answer comes in DO53 (ISO/IEC 7816-4 §7.2.3)."""
        place = encode(0x54, offset.to_bytes(2 if offset <= 0xFFFF else 3, "big"))
        around = 2 if size < 0x80 else 3 if size < 0x100 else 4
        size = min(size, max(1, self._policy.chunk - around))
        ne = size + around
        extended = self._policy.needs_extended(ne)
        response = self._send(CommandAPDU(0x00, INS_READ_BINARY_ODD, 0x00, 0x00, place, ne, extended))
        if not response.data:
            return response
        tlv = parse(response.data)
        if tlv.tag != 0x53:
            raise DataError("READ BINARY with odd instruction answered without DO53", 0)
        return ResponseAPDU(tlv.value[:size], response.sw)

    def _send(self, command: CommandAPDU) -> ResponseAPDU:
        self._unprotected = False
        try:
            response = self._exchange(command)
        except UnprotectedStatus as error:
            if not error.channel_alive:
                raise
            # The channel was probed by selecting the application, so this file is not the current one any more.
            self._unprotected = True
            self._is_current = False
            response = ResponseAPDU(b"", error.sw)
        else:
            self._is_current = True
        self._sw = response.sw
        return response

    def _exchange(self, command: CommandAPDU) -> ResponseAPDU:
        """Send ``command``; where the answer says 61xx under the protection of the channel, fetch the rest there."""
        self._apdus += 1
        response = self._link.transmit(command)
        collected = response.data
        while response.sw1 == 0x61 and not self._spent and len(collected) < command.ne:
            self._apdus += 1
            response = self._link.transmit(get_response(command, response.sw2))
            if not response.data:
                break
            collected += response.data
        # An announcement is no error: what it brought is the answer, and the next command asks for what follows.
        sw = int(SW.OK) if response.sw1 == 0x61 and collected else response.sw
        return ResponseAPDU(collected, sw)

    def _make_current(self) -> ReadOutcome | None:
        """Select the file unless it is the current one or the next command names it by its short identifier."""
        if self._is_current or (self._by_short_id and not self._data):
            return None
        return self._select()

    def _select(self) -> ReadOutcome | None:
        response = self._send(CommandAPDU(0x00, INS_SELECT, 0x02, 0x0C, self._file.fid))
        if response.sw == SW.OK:
            self._by_short_id = False
            return None
        self._is_current = False
        return self._refusal(response.sw)

    def _not_by_short_id(self, sw: int) -> ReadOutcome | None:
        """Go on by SELECT after the first read was refused, unless the reason has nothing to do with the way."""
        absent = sw == SW.FILE_NOT_FOUND and self._policy.proven_short_ids and not self._unprotected
        if not self._by_short_id or sw == SW.SECURITY_STATUS or absent:
            return self._refusal(sw)
        outcome = self._select()
        if outcome is None:
            self._policy.no_short_ids()
        return outcome

    def _refusal(self, sw: int) -> ReadOutcome:
        if self._unprotected:
            return ReadOutcome.UNVERIFIED
        if sw == SW.FILE_NOT_FOUND and not self._data:
            return ReadOutcome.ABSENT
        return ReadOutcome.DENIED if sw == SW.SECURITY_STATUS else ReadOutcome.REFUSED

    def _take(self, response: ResponseAPDU, asked: int) -> ReadOutcome | None:
        """Add what came and decide whether it is enough (LF-02: 6282 is success when it completes the data object)."""
        if self._unprotected:
            # A bare status says nothing of the file, not even that it ends here (SM-03).
            return ReadOutcome.UNVERIFIED
        if response.sw == SW.PART_CORRUPTED:
            return ReadOutcome.DAMAGED
        if response.sw not in (SW.OK, SW.END_OF_FILE):
            return self._end_of_rows() if response.sw == SW.WRONG_OFFSET else self._refusal(response.sw)
        known = self._total is not None
        self._data += response.data
        self._on_bytes(response.data)
        outcome = self._judge_length()
        if self._on_progress is not None:
            self._on_progress(len(self._data), self._total)
        if outcome is not None:
            return outcome
        if self._is_at_end(response, asked, known=known):
            return self._end_of_rows()
        return None

    def _is_at_end(self, response: ResponseAPDU, asked: int, *, known: bool) -> bool:
        """Tell whether there is no use in asking on.

        Before the length was ``known`` more may have been asked for than there is, and a card that gives less than
        asked for warns of an end that it has not reached: the rest is asked for once more, then exactly.
        """
        if not response.data:
            return True
        if self._file.tag is None:
            return len(response.data) < asked and _are_whole_rows(bytes(self._data))
        return known and response.sw == SW.END_OF_FILE

    def _end_of_rows(self) -> ReadOutcome:
        """Name the end of a file: whole where it is a row of data objects without one around them, else too early."""
        return ReadOutcome.COMPLETE if self._file.tag is None else ReadOutcome.TRUNCATED

    def _judge_length(self) -> ReadOutcome | None:
        if len(self._data) > self._limits.max_bytes:
            return ReadOutcome.OVER_BUDGET
        if self._file.tag is None:
            return None
        if self._total is None:
            try:
                self._total = _file_length(bytes(self._data[:MAX_HEADER]))
            except DataError:
                return ReadOutcome.MALFORMED
        if self._total is None:
            return None
        if self._total > self._limits.max_bytes:
            return ReadOutcome.OVER_BUDGET
        if len(self._data) < self._total:
            return None
        if self._file is not FileId.CARD_ACCESS:
            del self._data[self._total :]
        # Nobody signs EF.CardAccess: what came behind its end is kept, for whoever judges its structure (AC-03).
        return ReadOutcome.COMPLETE


def _are_whole_rows(raw: bytes) -> bool:
    try:
        return sum(1 for _ in parse_all(raw)) > 0
    except DataError:
        return False


def _file_length(start: bytes) -> int | None:
    """Return header plus value of the data object that begins the file, None while its header is not whole yet."""
    try:
        _, header, length = read_header(start)
    except DataError:
        if len(start) < MAX_HEADER:
            return None
        raise
    return header + length
