"""The border to pyscard: nothing foreign comes through."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from reader.pcsc import Result, SystemScard
from reader.pcsc.scard import Flags, RawState


def _scard(monkeypatch: pytest.MonkeyPatch, **calls: Any) -> SystemScard:
    module = SimpleNamespace(**calls)
    monkeypatch.setitem(sys.modules, "smartcard", SimpleNamespace(scard=module))
    monkeypatch.setitem(sys.modules, "smartcard.scard", module)
    return SystemScard()


def _raise(error: Exception) -> Any:
    def call(*_: object) -> None:
        raise error

    return call


def test_a_system_error_of_the_binding_is_a_communication_error(monkeypatch: pytest.MonkeyPatch) -> None:
    scard = _scard(monkeypatch, SCardListReaders=_raise(SystemError("<built-in> returned NULL")))
    assert scard.list_readers(1) == (Result.COMM_ERROR, ())


def test_a_name_that_cannot_be_decoded_is_a_communication_error(monkeypatch: pytest.MonkeyPatch) -> None:
    scard = _scard(monkeypatch, SCardGetStatusChange=_raise(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")))
    assert scard.status_change(1, 0, (RawState("reader"),)) == (Result.COMM_ERROR, ())


def test_codes_that_windows_gives_as_negative_numbers_are_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    scard = _scard(monkeypatch, SCardEstablishContext=lambda _: [-2146435043, 0])
    assert scard.establish()[0] == Result.NO_SERVICE


def test_without_pyscard_there_is_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    scard = SystemScard()
    assert scard.establish() == (Result.NO_SERVICE, 0)
    assert scard.cancel(1) == Result.NO_SERVICE
    assert scard.list_readers(1) == (Result.NO_SERVICE, ())


def test_a_failed_call_without_values_is_its_code_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    scard = _scard(
        monkeypatch,
        SCardConnect=lambda *_: [Result.NO_SMARTCARD, 0, 0],
        SCardTransmit=lambda *_: [Result.REMOVED_CARD, []],
        SCardReleaseContext=lambda _: Result.INVALID_HANDLE,
    )
    assert scard.connect(1, "reader") == (Result.NO_SMARTCARD, 0, 0)
    assert scard.transmit(2, 2, b"\x00\xa4\x00\x0c") == (Result.REMOVED_CARD, b"")
    assert scard.release(1) == Result.INVALID_HANDLE


def test_states_come_back_as_plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = [0, [("reader", Flags.PRESENT | 3 << 16, [0x3B, 0x00])]]
    scard = _scard(monkeypatch, SCardGetStatusChange=lambda *_: raw)
    assert scard.status_change(1, 0, (RawState("reader"),)) == (0, (RawState("reader", 0x30020, b"\x3b\x00"),))


def test_our_numbers_are_those_of_the_binding() -> None:
    scard = pytest.importorskip("smartcard.scard")
    names = {
        "INTERNAL_ERROR": "SCARD_F_INTERNAL_ERROR",
        "COMM_ERROR": "SCARD_F_COMM_ERROR",
        "UNSUPPORTED_CARD": "SCARD_W_UNSUPPORTED_CARD",
        "UNRESPONSIVE_CARD": "SCARD_W_UNRESPONSIVE_CARD",
        "UNPOWERED_CARD": "SCARD_W_UNPOWERED_CARD",
        "RESET_CARD": "SCARD_W_RESET_CARD",
        "REMOVED_CARD": "SCARD_W_REMOVED_CARD",
        "SECURITY_VIOLATION": "SCARD_W_SECURITY_VIOLATION",
        "SUCCESS": "SCARD_S_SUCCESS",
    }
    for result in Result:
        value = getattr(scard, names.get(result.name, f"SCARD_E_{result.name}"))
        assert value & 0xFFFFFFFF == result, result.name
    for flag in Flags:
        assert getattr(scard, f"SCARD_STATE_{flag.name}") == flag
