"""Why it does not work: service, readers and cards probed one after the other, each with its own result.

Findings carry codes only. A code that stands for trouble is that of an error in ``reader.errors``, so that the failure
catalogue has its title, cause and next step; no probe raises, and none hides another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reader.errors import AccessRefused, MotCuaError, MuteCard, NoCard, NoReader, ReaderGone
from reader.iso7816 import SlotState
from reader.pcsc.codes import Result, error_for
from reader.pcsc.connection import PcscTerminal
from reader.pcsc.listing import reader_names, reader_states
from reader.pcsc.scard import Scard, SystemScard, short_context
from reader.pcsc.slots import is_passed_over, is_usable, slot_of

__all__ = ["Finding", "FindingCode", "Probe", "diagnose"]

CONNECT_PATIENCE = 2.0


class Probe(StrEnum):
    """Name what was probed."""

    SERVICE = "service"
    READERS = "readers"
    CARD = "card"


class FindingCode(StrEnum):
    """Name the findings that are no trouble; a trouble has the code of its error."""

    SERVICE_RUNNING = "pcsc-service-running"
    READER_FOUND = "pcsc-reader-found"
    READER_PASSED_OVER = "pcsc-reader-passed-over"
    CARD_ANSWERS = "pcsc-card-answers"


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what a probe found: ``code`` is stable, ``result`` the PC/SC return code behind a trouble.

    ``reader`` is empty where the finding is about the service or about all readers.
    """

    probe: Probe
    code: str
    ok: bool
    reader: str = ""
    result: int | None = None


def diagnose(scard: Scard | None = None) -> tuple[Finding, ...]:
    """Probe the service, then its readers, then the card on each reader; never raise.

    A card is connected to and reset, unless another program has it; allow two seconds for each reader.
    """
    scard = scard or SystemScard()
    service = _probe_service(scard)
    if not service.ok:
        return (service,)
    readers = _probe_readers(scard)
    found = [finding.reader for finding in readers if finding.code == FindingCode.READER_FOUND]
    return (service, *readers, *(_probe_card(scard, reader) for reader in found))


def _probe_service(scard: Scard) -> Finding:
    with short_context(scard) as (code, _):
        if code == Result.SUCCESS:
            return Finding(Probe.SERVICE, FindingCode.SERVICE_RUNNING, ok=True)
    if code == Result.NO_SERVICE and _socket_is_closed_to_us():
        return Finding(Probe.SERVICE, AccessRefused.code, ok=False, result=code)
    return _trouble(Probe.SERVICE, code)


def _probe_readers(scard: Scard) -> tuple[Finding, ...]:
    code, names = reader_names(scard)
    if code != Result.SUCCESS:
        return (_trouble(Probe.READERS, code),)
    findings = [_reader(name) for name in names]
    if not any(finding.code == FindingCode.READER_FOUND for finding in findings):
        findings.append(Finding(Probe.READERS, NoReader.code, ok=False))
    return tuple(findings)


def _reader(name: str) -> Finding:
    code = FindingCode.READER_PASSED_OVER if is_passed_over(name) else FindingCode.READER_FOUND
    return Finding(Probe.READERS, code, ok=True, reader=name)


def _probe_card(scard: Scard, reader: str) -> Finding:
    code, states = reader_states(scard, (reader,))
    if code != Result.SUCCESS or not states:
        return _trouble(Probe.CARD, code or Result.INTERNAL_ERROR, reader)
    if not is_usable(states[0]):
        return Finding(Probe.CARD, ReaderGone.code, ok=False, reader=reader)
    slot = slot_of(states[0].state)
    if slot is SlotState.EMPTY:
        return Finding(Probe.CARD, NoCard.code, ok=False, reader=reader)
    if slot is SlotState.MUTE:
        return Finding(Probe.CARD, MuteCard.code, ok=False, reader=reader)
    return _probe_connection(scard, reader)


def _probe_connection(scard: Scard, reader: str) -> Finding:
    try:
        with PcscTerminal(scard, patience=CONNECT_PATIENCE).connect(reader):
            return Finding(Probe.CARD, FindingCode.CARD_ANSWERS, ok=True, reader=reader)
    except MotCuaError as error:
        return Finding(Probe.CARD, error.code, ok=False, reader=reader, result=getattr(error, "result", None))


def _trouble(probe: Probe, code: int, reader: str = "") -> Finding:
    return Finding(probe, error_for(code, probe).code, ok=False, reader=reader, result=code)


def _socket_is_closed_to_us() -> bool:
    """Tell whether pcscd's socket is there but not for this user: pcsc-lite calls that "no service" as well."""
    socket = Path(os.environ.get("PCSCLITE_CSOCK_NAME") or "/run/pcscd/pcscd.comm")
    try:
        return socket.exists() and not os.access(socket, os.W_OK)
    except PermissionError:
        return True
