"""The connection over a fake service: every code has one meaning, and the card is reset whatever happens."""

from __future__ import annotations

import threading

import pytest

from reader import errors
from reader.iso7816 import CancellableLink, CommandAPDU, ReplayLink, Trace, reset_of
from reader.pcsc import PcscTerminal, Result
from reader.pcsc.fake import FakeScard
from reader.pcsc.scard import CardProtocol, Flags

READER = "ACS ACR1252 1S CL Reader PICC 0"
SELECT = CommandAPDU(0x00, 0xA4, 0x04, 0x0C, b"\xa0\x00\x00\x02\x47\x10\x01")


@pytest.fixture
def with_card(scard: FakeScard) -> FakeScard:
    scard.plug(READER)
    scard.insert(READER)
    return scard


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (Result.NO_SERVICE, errors.ServiceUnavailable),
        (Result.SERVICE_STOPPED, errors.ServiceUnavailable),
        (Result.INVALID_HANDLE, errors.ServiceUnavailable),
        (Result.SECURITY_VIOLATION, errors.AccessRefused),
        (Result.NO_ACCESS, errors.AccessRefused),
        (Result.NO_READERS_AVAILABLE, errors.NoReader),
        (Result.UNKNOWN_READER, errors.NoReader),
        (Result.READER_UNAVAILABLE, errors.ReaderGone),
        (Result.NO_SMARTCARD, errors.NoCard),
        (Result.UNRESPONSIVE_CARD, errors.MuteCard),
        (Result.UNPOWERED_CARD, errors.MuteCard),
        (Result.REMOVED_CARD, errors.CardRemoved),
        (Result.RESET_CARD, errors.CardReset),
        (Result.PROTO_MISMATCH, errors.ReaderTrouble),
        (0x0000001F, errors.ReaderTrouble),
    ],
)
def test_each_code_of_a_connect_is_one_error(with_card: FakeScard, code: int, error: type[errors.MotCuaError]) -> None:
    with_card.codes["connect"] = code
    with pytest.raises(error) as raised, PcscTerminal(with_card).connect(READER):
        pass
    assert type(raised.value) is error
    assert with_card.contexts == 0


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (Result.REMOVED_CARD, errors.CardRemoved),
        (Result.NO_SMARTCARD, errors.CardRemoved),
        (Result.RESET_CARD, errors.CardReset),
        (Result.READER_UNAVAILABLE, errors.ReaderGone),
        (Result.SERVICE_STOPPED, errors.ServiceUnavailable),
        (Result.SHARING_VIOLATION, errors.CardHeld),
        (Result.INSUFFICIENT_BUFFER, errors.ReaderTrouble),
    ],
)
def test_each_code_of_a_transmit_is_one_error(with_card: FakeScard, code: int, error: type[errors.MotCuaError]) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.codes["transmit"] = code
        with pytest.raises(error) as raised:
            link.transmit(SELECT)
    assert type(raised.value) is error


@pytest.mark.parametrize("code", [Result.NOT_TRANSACTED, Result.COMM_ERROR, Result.UNPOWERED_CARD, 0x45D])
def test_a_vague_code_of_a_card_that_is_leaving_is_a_removed_card(with_card: FakeScard, code: int) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.codes["transmit"] = code
        with_card.time.at(0.4, lambda: with_card.remove(READER))
        with pytest.raises(errors.CardRemoved):
            link.transmit(SELECT)


def test_a_vague_code_of_a_card_that_stays_is_trouble_with_its_code(with_card: FakeScard) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.codes["transmit"] = Result.NOT_TRANSACTED
        with pytest.raises(errors.ReaderTrouble) as raised:
            link.transmit(SELECT)
    assert raised.value.result == Result.NOT_TRANSACTED


def test_a_vague_code_of_a_dying_service_is_an_unavailable_service(with_card: FakeScard) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.die(code=Result.COMM_ERROR)
        with pytest.raises(errors.ServiceUnavailable):
            link.transmit(SELECT)


def test_an_answer_without_a_status_word_is_card_trouble(with_card: FakeScard) -> None:
    with_card.answer = lambda _: b"\x90"
    with PcscTerminal(with_card).connect(READER) as link, pytest.raises(errors.CardError):
        link.transmit(SELECT)


def test_an_answer_without_a_status_word_of_a_card_that_leaves_is_a_removed_card(with_card: FakeScard) -> None:
    with_card.answer = lambda _: b""
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.time.at(0.4, lambda: with_card.remove(READER))
        with pytest.raises(errors.CardRemoved):
            link.transmit(SELECT)


def test_a_vague_code_of_a_reader_that_is_pulled_out_is_a_gone_reader(with_card: FakeScard) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        with_card.codes["transmit"] = Result.COMM_ERROR
        with_card.unplug(READER)
        with pytest.raises(errors.ReaderGone):
            link.transmit(SELECT)


def test_leaving_resets_the_card_inside_the_transaction(with_card: FakeScard) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        link.transmit(SELECT)
    assert with_card.calls == [
        "establish",
        "connect",
        "begin_transaction",
        "transmit",
        "end_transaction RESET",
        "disconnect LEAVE",
        "release",
    ]


def test_leaving_by_an_exception_resets_the_card_too(with_card: FakeScard) -> None:
    with_card.codes["end_transaction"] = Result.RESET_CARD
    with pytest.raises(KeyError), PcscTerminal(with_card).connect(READER):
        raise KeyError("anything")
    assert with_card.calls[-3:] == ["end_transaction RESET", "disconnect RESET", "release"]


def test_a_held_card_is_waited_for_with_one_hint_and_then_given_up(with_card: FakeScard) -> None:
    with_card.codes["connect"] = Result.SHARING_VIOLATION
    hints: list[str] = []
    with (
        pytest.raises(errors.CardHeld),
        PcscTerminal(with_card, on_held=hints.append, patience=0.6).connect(READER),
    ):
        pass
    assert hints == [READER]
    assert with_card.calls.count("connect") >= 2


def test_a_held_card_that_is_let_go_is_read_after_all(with_card: FakeScard) -> None:
    with_card.codes["connect"] = Result.SHARING_VIOLATION
    with PcscTerminal(with_card, on_held=lambda _: with_card.codes.clear()).connect(READER) as link:
        assert link.transmit(SELECT).sw == 0x9000


def test_waiting_for_a_held_card_ends_when_cancelled(with_card: FakeScard) -> None:
    with_card.codes["connect"] = Result.SHARING_VIOLATION
    cancel = threading.Event()
    terminal = PcscTerminal(with_card, on_held=lambda _: cancel.set(), cancel=cancel, patience=60)
    with pytest.raises(errors.Cancelled), terminal.connect(READER):
        pass


def test_a_transaction_that_comes_after_we_gave_up_is_given_back(
    with_card: FakeScard, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    given_back = threading.Event()
    real_release = with_card.release

    def begin(handle: int) -> int:
        let_go.wait(10)
        return Result.SUCCESS

    def release(context: int) -> int:
        given_back.set()
        return real_release(context)

    monkeypatch.setattr(with_card, "begin_transaction", begin)
    monkeypatch.setattr(with_card, "release", release)
    with pytest.raises(errors.CardHeld), PcscTerminal(with_card, patience=0).connect(READER):
        pass
    assert not given_back.is_set()
    let_go.set()
    assert given_back.wait(10)
    assert "end_transaction RESET" in with_card.calls


def test_a_link_belongs_to_the_thread_that_connected(with_card: FakeScard) -> None:
    caught: list[BaseException] = []

    def misuse() -> None:
        try:
            link.transmit(SELECT)
        except RuntimeError as error:
            caught.append(error)

    with PcscTerminal(with_card).connect(READER) as link:
        thread = threading.Thread(target=misuse)
        thread.start()
        thread.join()
    assert caught
    assert "transmit" not in with_card.calls


def test_a_link_is_dead_after_it_was_left(with_card: FakeScard) -> None:
    with PcscTerminal(with_card).connect(READER) as link:
        pass
    with pytest.raises(RuntimeError):
        link.transmit(SELECT)


def test_t1_carries_extended_commands_and_answers_as_they_are(with_card: FakeScard) -> None:
    sent: list[bytes] = []
    with_card.answer = lambda command: sent.append(command) or bytes(65536) + b"\x90\x00"  # type: ignore[func-returns-value]  # append returns None, so the answer follows
    command = CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, bytes(1000), 65536)
    with PcscTerminal(with_card).connect(READER) as link:
        response = link.transmit(command)
    assert sent == [command.to_bytes()]
    assert len(response.data) == 65536


def test_t0_is_spoken_where_the_connection_came_out_with_it() -> None:
    scard = FakeScard(protocol=CardProtocol.T0)
    scard.plug(READER)
    scard.insert(READER)
    answers = {b"\x00\xa4\x04\x0c\x01\xaa": b"\x61\x02", b"\x00\xc0\x00\x00\x02": b"ok\x90\x00"}
    scard.answer = lambda command: answers[command]
    with PcscTerminal(scard).connect(READER) as link:
        assert link.transmit(CommandAPDU(0, 0xA4, 4, 0x0C, b"\xaa", 256)).data == b"ok"


def test_no_error_text_holds_the_reader_or_the_command(with_card: FakeScard) -> None:
    with_card.codes["connect"] = Result.UNKNOWN_READER
    with pytest.raises(errors.NoReader) as raised, PcscTerminal(with_card).connect(READER):
        pass
    assert str(raised.value) == "connect (0x80100009)"


def test_an_empty_reader_is_no_card(scard: FakeScard) -> None:
    scard.plug(READER)
    with pytest.raises(errors.NoCard), PcscTerminal(scard).connect(READER):
        pass


def test_a_card_under_flags_of_use_by_others_is_still_connected(with_card: FakeScard) -> None:
    with_card.flag(READER, Flags.INUSE)
    with PcscTerminal(with_card).connect(READER) as link:
        assert link.transmit(SELECT).sw == 0x9000


def test_the_card_is_reset_in_the_middle_of_the_work_and_kept(with_card: FakeScard) -> None:
    """AC-02, CH-09: a new session with the same card; the transaction goes on, so that nobody gets in between."""
    with PcscTerminal(with_card).connect(READER) as link:
        reset = reset_of(CancellableLink(link, threading.Event()))
        assert reset is not None
        reset()
        assert with_card.calls[-1] == "reconnect"
        assert not [call for call in with_card.calls if call.startswith("end_transaction")]
        with_card.codes["reconnect"] = Result.NO_SMARTCARD
        with pytest.raises(errors.CardRemoved):
            reset()
    assert with_card.contexts == 0


def test_a_recorded_trace_cannot_be_reset() -> None:
    assert reset_of(ReplayLink(Trace(()))) is None
