"""A card read with our reader proves over the same channel that it is there, for requests to two registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.presence import (
    ChipProtocol,
    Mode,
    Person,
    PresenceLevel,
    PresencePolicy,
    PresenceProver,
    PresenceRefused,
    Reason,
    SqliteStore,
    Subject,
    Target,
    accept_receipt,
    commit,
)
from mock_cards.intervention import CHIP_TEMPLATE, instead, intervene, of_instruction, of_template, refuse
from mock_cards.recording import chip_of
from reader.access import SecureMessaging
from reader.errors import DataError, SecureMessagingError, UnexpectedStatus
from reader.iso7816 import CommandAPDU, ResponseAPDU

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

AGREEING = [
    "vietnam-2021",
    "vietnam-2024",
    "icao-3des",
    "icao-dh",
    "icao-p521",
    "icao-several",
    "quirk-ca-no-kat",
    "quirk-ca-x942",
]
SIGNING = [
    "vietnam-2021",
    "vietnam-2024",
    "icao-3des",
    "icao-dh",
    "icao-p521",
    "quirk-aa-der",
    "quirk-aa-cut",
    "quirk-aa-33cc",
]
BY_SET_KAT = {"icao-3des"}
ASKS_TWICE = {"quirk-ca-no-kat"}


@pytest.mark.parametrize("chip", AGREEING)
@pytest.mark.parametrize("local", [True, False], ids=["after-local-ca", "first-ca"])
def test_the_chip_agrees_with_the_register(
    desk_with: Callable[..., Desk], register: Register, chip: str, local: bool
) -> None:
    desk = desk_with(chip, local=local)
    before = desk.apdus
    proof = desk.prove(register)
    assert proof.mode is Mode.CHIP
    assert desk.apdus - before == (2 if chip in BY_SET_KAT else 4 if chip in ASKS_TWICE else 3)
    for audience in desk.requests:
        receipt = desk.judged(register, proof, audience, subject=Subject(desk.dg1, desk.built.personal_number))
        assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.BOUND_TO_REQUEST), receipt.reasons
    assert receipt.reasons == ()


@pytest.mark.parametrize("chip", SIGNING)
def test_the_chip_signs_the_transcript(desk_with: Callable[..., Desk], register: Register, chip: str) -> None:
    register.policy = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))
    desk = desk_with(chip)
    proof = desk.prove(register, evidence=True)
    assert (proof.mode, len(proof.answers)) == (Mode.ACTIVE, 4)
    receipt = desk.judged(register, proof)
    assert receipt.accepted, receipt.reasons
    weak = Reason.SHA1_SIGNATURE in receipt.reasons
    assert receipt.level is (PresenceLevel.BOUND_BEFOREHAND if weak else PresenceLevel.BOUND_TO_REQUEST)
    assert (Reason.DER_SIGNATURE in receipt.reasons) == (chip == "quirk-aa-der")
    assert weak == (chip in ("icao-3des", "quirk-aa-33cc"))
    assert desk.session.channel.is_open, "signing leaves the channel as it was"


@pytest.fixture
def signing_chip(tmp_path: Path) -> str:
    """Return the profile of a chip that has nothing but Active Authentication."""
    file = tmp_path / "signing.toml"
    file.write_text('like = "vietnam-2021"\nabout = "signs only"\n[chip_authentication]\nkeys = []\n')
    return str(file)


def test_a_chip_without_a_key_to_agree_with_signs_twice(
    desk_with: Callable[..., Desk], register: Register, signing_chip: str
) -> None:
    desk = desk_with(signing_chip)
    proof = desk.prove(register)
    assert (proof.mode, len(proof.answers)) == (Mode.ACTIVE, 2)
    assert desk.judged(register, proof).level is PresenceLevel.BOUND_TO_REQUEST


def test_afterwards_the_desk_has_no_channel(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("vietnam-2024")
    desk.prove(register)
    assert not desk.session.channel.is_open
    with pytest.raises(SecureMessagingError):
        desk.session.channel.transmit(CommandAPDU(0, 0xB0, 0x81, 0, b"", 8))


def test_a_chip_that_agrees_once_in_a_session_is_reset_and_opened_again(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2024")
    chip = chip_of(desk.built.card)
    opened: list[SecureMessaging] = []
    reopen = desk.session.reopen

    def open_again() -> SecureMessaging:
        opened.append(reopen())
        return opened[-1]

    desk.session.reopen = open_again
    agrees = of_template(CHIP_TEMPLATE)
    # This chip has agreed once already; in a fresh session it agrees again.
    intervene(chip, instead(lambda command, protected: not opened and agrees(command, protected), refuse(0x6985)))
    proof = desk.prove(register)
    assert len(opened) == 1
    assert desk.judged(register, proof).level is PresenceLevel.BOUND_TO_REQUEST
    assert not desk.session.channel.is_open


def test_a_chip_made_so_that_it_agrees_once_in_a_session_proves_itself_in_a_fresh_one(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    first = desk_with("quirk-ca-once", local=False)
    before = first.apdus
    assert first.judged(register, first.prove(register)).accepted
    assert first.apdus - before == 3, "what was not agreed on before needs no fresh session"
    desk = desk_with("quirk-ca-once")
    with pytest.raises(UnexpectedStatus, match="6985"):
        desk_with("quirk-ca-once", reopens=False).prove(register)
    assert desk.judged(register, desk.prove(register)).level is PresenceLevel.BOUND_TO_REQUEST


@pytest.mark.parametrize("reopens", [True, False])
def test_a_chip_that_always_refuses_is_said_to_refuse(
    desk_with: Callable[..., Desk], register: Register, reopens: bool
) -> None:
    desk = desk_with("quirk-ca-refused", local=False)
    if not reopens:
        desk.session.reopen = None
    with pytest.raises(UnexpectedStatus, match="6A80"):
        desk.prove(register)


def test_a_chip_without_short_identifiers_has_its_file_selected(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("quirk-no-sfi")
    before = desk.apdus
    proof = desk.prove(register, target=Target.SELECT_AND_READ)
    assert (len(proof.answers), desk.apdus - before) == (2, 4)
    assert desk.judged(register, proof).level is PresenceLevel.BOUND_TO_REQUEST


def test_a_wrong_way_of_reading_proves_nothing(desk_with: Callable[..., Desk], register: Register) -> None:
    desk = desk_with("quirk-no-sfi")
    assert desk.judged(register, desk.prove(register)).reasons == (Reason.ANSWER_WRONG,)


def test_a_protocol_that_dg14_leaves_open_is_the_one_that_the_chip_took(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("quirk-ca-no-info")
    proof = desk.prove(register, protocol=ChipProtocol(oid="0.4.0.127.0.7.2.2.3.2.1"))
    receipt = desk.judged(register, proof)
    assert (receipt.level, receipt.reasons) == (PresenceLevel.BOUND_TO_REQUEST, (Reason.PROTOCOL_INFERRED,))


def test_the_register_that_did_not_ask_takes_the_receipt_of_the_one_that_did(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2021")
    proof = desk.prove(register)
    receipt = register.verifier.judge(proof, desk.requests["population"], "population", desk.caller, desk.subject).token
    land = SqliteStore()
    person = Person(desk.subject, desk.files.sod)
    told = {"issuers": register.issuers, "store": land, "now": register.now, "person": person}
    given = (receipt, desk.requests["land"], "land", desk.commitment)
    assert accept_receipt(*given, desk.caller, **told).level is PresenceLevel.BOUND_TO_REQUEST
    wrong = {
        Reason.ALREADY_USED: (given, desk.caller, {}),
        Reason.REQUEST_DIFFERS: ((receipt, b"other", "land", desk.commitment), desk.caller, {}),
        Reason.WRONG_AUDIENCE: ((receipt, b"other", "housing", desk.commitment), desk.caller, {}),
        Reason.WRONG_DEVICE: (given, replace(desk.caller, device="desk-2"), {}),
        Reason.WRONG_CLERK: (given, replace(desk.caller, clerk="clerk-2"), {}),
        Reason.WRONG_PURPOSE: (given, replace(desk.caller, purpose="other"), {}),
        Reason.OUT_OF_TIME: (given, desk.caller, {"now": register.now + timedelta(seconds=121)}),
        Reason.TOKEN_INVALID: (given, desk.caller, {"issuers": {}}),
    }
    for reason, (what, caller, changes) in wrong.items():
        with pytest.raises(PresenceRefused) as refused:
            accept_receipt(*what, caller, **told | changes)
        assert refused.value.reason is reason
    refusal = register.verifier.judge(proof, desk.requests["population"], "population", desk.caller, desk.subject).token
    with pytest.raises(PresenceRefused) as refused:
        accept_receipt(refusal, desk.requests["land"], "land", desk.commitment, desk.caller, **told)
    assert refused.value.reason is Reason.TOKEN_INVALID


@pytest.mark.parametrize(("forgery", "signs"), [("clone-without-ca-key", False), ("clone-without-aa-key", True)])
def test_a_clone_answers_in_vain(desk_with: Callable[..., Desk], register: Register, forgery: str, signs: bool) -> None:
    register.policy = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))
    desk = desk_with("", forgery, local=False)
    receipt = desk.judged(register, desk.prove(register, evidence=signs))
    assert (receipt.verdict, receipt.level) == ("refused", PresenceLevel.DATA_AUTHENTIC)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: ResponseAPDU(data[:-1] + bytes((data[-1] ^ 1,)), 0x9000),
        lambda data: ResponseAPDU(data[:-1], 0x9000),
        lambda data: ResponseAPDU(data, 0x6282),
        lambda data: ResponseAPDU(b"", 0x9000),
        lambda data: ResponseAPDU(b"", 0x6982),
    ],
    ids=["another-byte", "one-byte-less", "another-status", "nothing", "refused"],
)
def test_a_right_mac_over_another_answer_proves_nothing(
    desk_with: Callable[..., Desk], register: Register, change: Callable[[bytes], ResponseAPDU]
) -> None:
    desk = desk_with("vietnam-2021")
    reads = of_instruction(0xB0)
    intervene(chip_of(desk.built.card), instead(reads, lambda command, answer: change(answer.data)))
    assert desk.judged(register, desk.prove(register)).reasons == (Reason.ANSWER_WRONG,)


@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-2], lambda raw: raw[-2:], lambda raw: raw[:-2] + b"\x62\x82", lambda raw: b""]
)
def test_an_answer_that_was_touched_on_the_way_proves_nothing(
    desk_with: Callable[..., Desk], register: Register, change: Callable[[bytes], bytes]
) -> None:
    desk = desk_with("icao-3des")
    proof = desk.prove(register)
    touched = replace(proof, answers=(change(proof.answers[0]),))
    assert desk.judged(register, touched).reasons == (Reason.ANSWER_WRONG,)


def test_a_challenge_that_is_not_ours_never_reaches_the_card(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("vietnam-2021")
    offer = desk.offer(register)
    before = desk.apdus
    others = {
        "device": "desk-2",
        "commitment": commit({"land": b"x"}),
        "files": replace(desk.files, sod=b"x"),
        "issuers": {},
    }
    for name, value in others.items():
        given = {"files": desk.files, "commitment": desk.commitment, "issuers": register.issuers, "device": "desk-1"}
        with pytest.raises(DataError):
            PresenceProver(desk.session, **given | {name: value}).prove(offer)
    assert desk.apdus == before
