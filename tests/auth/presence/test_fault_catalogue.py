"""The faults of the presence proof, P1 to P11: each is refused for its own reason, and the refusal is signed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    Mode,
    PresenceLevel,
    PresencePolicy,
    PresenceRefused,
    Reason,
    RelaySecrets,
    SqliteStore,
    Subject,
    commit,
)
from auth.presence.claims import CHALLENGE_KIND, ChallengeClaims
from auth.presence.log_proof import judge_log_proof
from auth.presence.tokens import read_token, sign_token
from reader.errors import DataError
from reader.lds import parse_dg1

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

SIGNS = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021", local=False)


def why(receipt: Any) -> Reason:
    assert receipt.verdict == "refused"
    assert receipt.level <= PresenceLevel.DATA_AUTHENTIC
    (reason,) = receipt.reasons
    return reason


def test_p1_a_token_is_used_once_by_each_register(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    assert desk.judged(register, proof).accepted
    assert why(desk.judged(register, proof)) is Reason.ALREADY_USED
    assert desk.judged(register, proof, "land").accepted
    assert why(desk.judged(register, proof, "land")) is Reason.ALREADY_USED


def test_refusals_are_logged_like_successes(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    for _ in range(2):
        receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller)
        claims = register.receipt(receipt.token)
        checkpoint, said = judge_log_proof(proof.token, receipt.token, claims, receipt.log, register.issuers)
        assert checkpoint is not None
        assert said == ()
    assert claims.reasons == (Reason.ALREADY_USED,)


def test_p1_a_failed_try_uses_the_token_up(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    wrong = replace(proof, answers=(proof.answers[0][:-3] + bytes(1) + proof.answers[0][-2:],))
    assert why(desk.judged(register, wrong)) is Reason.ANSWER_WRONG
    assert why(desk.judged(register, proof)) is Reason.ALREADY_USED


def test_p1_a_new_challenge_for_the_same_requests_ends_the_earlier_one(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    desk.offer(register)
    assert why(desk.judged(register, proof)) is Reason.ALREADY_USED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"device": "desk-2"}, Reason.WRONG_DEVICE),
        ({"device_key": "A" * 43}, Reason.WRONG_DEVICE),
        ({"clerk": "clerk-2"}, Reason.WRONG_CLERK),
        ({"purpose": "land-change-registration"}, Reason.WRONG_PURPOSE),
    ],
)
def test_p2_a_token_is_of_one_device_clerk_and_purpose(
    desk: Desk, register: Register, changes: dict[str, str], reason: Reason
) -> None:
    proof = desk.prove(register)
    assert why(desk.judged(register, proof, caller=replace(desk.caller, **changes))) is reason
    assert desk.judged(register, proof).accepted, "a stranger does not use the token up"


def test_p2_a_token_is_for_the_registers_that_it_names(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    assert why(desk.judged(register, proof, "housing", body=b"{}")) is Reason.WRONG_AUDIENCE


def test_p2_a_token_of_another_verifier_is_not_taken(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    register.signer = SoftwareSigner.generate()
    assert why(desk.judged(register, proof)) is Reason.TOKEN_INVALID


def test_p2_a_peers_key_does_not_speak_in_our_name(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    claims = read_token(CHALLENGE_KIND, ChallengeClaims, proof.token, register.issuers)
    peer = SoftwareSigner.generate()
    forged = sign_token(CHALLENGE_KIND, claims, peer)
    known = register.issuers | {"peer": {peer.key_id: DeviceKey.from_pem(peer.public_pem())}}
    with pytest.raises(DataError, match="nobody known"):
        read_token(CHALLENGE_KIND, ChallengeClaims, forged, known)
    assert why(desk.judged(register, replace(proof, token=forged))) is Reason.TOKEN_INVALID


@pytest.mark.parametrize("at", [0, 7, -1])
def test_p3_a_request_changed_after_the_commitment_is_refused(desk: Desk, register: Register, at: int) -> None:
    proof = desk.prove(register)
    changed = bytearray(desk.requests["population"])
    changed[at] ^= 1
    assert why(desk.judged(register, proof, body=bytes(changed))) is Reason.REQUEST_DIFFERS


def test_p3_nor_is_it_taken_with_a_commitment_made_to_fit(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    fitting = commit(desk.requests | {"population": b"other"})
    receipt = desk.judged(register, replace(proof, commitment=fitting), body=b"other")
    assert why(receipt) is Reason.REQUEST_DIFFERS


def test_p4_no_sibling_may_be_left_out_or_put_in(desk: Desk, register: Register) -> None:
    alone = {"population": desk.requests["population"]}
    for siblings in (alone, desk.requests | {"housing": b"{}"}):
        proof = replace(desk.prove(register), commitment=commit(siblings))
        assert why(desk.judged(register, proof)) is Reason.REQUEST_DIFFERS
        desk.session.channel = desk.session.reopen()


def test_p5_a_verifier_that_was_started_again_judges_all_the_same(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    register.store = SqliteStore()
    receipt = desk.judged(register, proof)
    assert receipt.accepted
    assert receipt.leaf is None, "it has lost count, and says so"


def test_p5_what_was_used_stays_used_over_a_restart(desk: Desk, register: Register, tmp_path: Path) -> None:
    register.store = SqliteStore(tmp_path / "store.sqlite")
    proof = desk.prove(register)
    assert desk.judged(register, proof).leaf == 1
    register.store.close()
    register.store = SqliteStore(tmp_path / "store.sqlite")
    assert why(desk.judged(register, proof)) is Reason.ALREADY_USED
    register.store.close()


def test_p6_a_rotated_secret_serves_as_long_as_it_is_kept(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    old = dict(register.secrets.by_id)
    register.secrets = RelaySecrets(old | {"s2": secrets.token_bytes(32)}, "s2")
    assert desk.judged(register, proof).accepted
    register.secrets = RelaySecrets({"s2": register.secrets.by_id["s2"]}, "s2")
    assert why(desk.judged(register, proof, "land")) is Reason.SECRET_UNKNOWN


def test_p7_a_device_has_so_many_challenges_open_and_no_more(desk: Desk, register: Register) -> None:
    most = register.policy.open_per_device
    for number in range(1000):
        desk.requests = {"population": str(number).encode()}
        if number < most:
            desk.offer(register)
            continue
        with pytest.raises(PresenceRefused) as refused:
            desk.offer(register)
        assert refused.value.reason is Reason.TOO_MANY_OPEN
    register.verifier.challenge(desk.wish(), replace(desk.caller, device="desk-2"))
    register.wait(71)
    desk.offer(register)


def test_p7_two_nodes_that_ask_at_once_are_counted_together(desk: Desk, register: Register) -> None:
    now = int(register.now.timestamp())
    times = {"issued": now, "expires": now + 60, "most": 1}
    register.store.issue("one", "desk-1", b"r1", b"leaf-1", **times)
    with pytest.raises(PresenceRefused) as refused:
        register.store.issue("two", "desk-1", b"r2", b"leaf-2", **times)
    assert refused.value.reason is Reason.TOO_MANY_OPEN
    assert register.store.grown(0, None).size == 1, "what was refused is not logged"


def test_p10_fewer_signatures_than_were_asked_for_are_refused(desk: Desk, register: Register) -> None:
    register.policy = SIGNS
    for cut in (1, 3):
        proof = desk.prove(register, evidence=True)
        assert why(desk.judged(register, replace(proof, answers=proof.answers[:cut]))) is Reason.COUNT_DIFFERS


def test_p10_a_challenge_for_one_signature_counts_for_nothing(desk: Desk, register: Register) -> None:
    register.policy = SIGNS
    proof = desk.prove(register, evidence=True)
    claims = read_token(CHALLENGE_KIND, ChallengeClaims, proof.token, register.issuers)
    weak = sign_token(CHALLENGE_KIND, claims.model_copy(update={"k": 1}), register.signer)
    receipt = desk.judged(register, replace(proof, token=weak, answers=proof.answers[:1]))
    assert why(receipt) is Reason.COUNT_DIFFERS


def test_p11_a_chip_that_can_agree_is_not_made_to_sign(desk: Desk, register: Register) -> None:
    for changes in ({"modes": (Mode.ACTIVE,)}, {"evidence": True}):
        with pytest.raises(PresenceRefused) as refused:
            desk.offer(register, **changes)
        assert refused.value.reason is Reason.DOWNGRADE


def test_p11_nor_by_holding_back_its_dg14(desk: Desk, register: Register) -> None:
    with pytest.raises(PresenceRefused) as refused:
        desk.offer(register, files=replace(desk.files, dg14=b""), modes=(Mode.ACTIVE,))
    assert refused.value.reason is Reason.GROUP_WITHHELD


def test_p11_nor_by_a_proof_of_another_kind_than_the_challenge(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    assert why(desk.judged(register, replace(proof, mode=Mode.ACTIVE))) is Reason.MODE_DIFFERS


def test_p11_where_a_statute_asks_for_it_the_chip_signs_all_of_the_transcript(desk: Desk, register: Register) -> None:
    register.policy = SIGNS
    proof = desk.prove(register, evidence=True)
    assert (proof.mode, len(proof.answers)) == (Mode.ACTIVE, 4)
    assert desk.judged(register, proof).level is PresenceLevel.BOUND_TO_REQUEST


@pytest.mark.parametrize(("seconds", "accepted"), [(-11, False), (-10, True), (0, True), (70, True), (71, False)])
def test_an_answer_comes_in_time(desk: Desk, register: Register, seconds: int, accepted: bool) -> None:
    proof = desk.prove(register)
    register.wait(seconds)
    receipt = desk.judged(register, proof)
    assert receipt.accepted is accepted
    assert accepted or why(receipt) is Reason.OUT_OF_TIME


def test_an_answer_that_was_slow_is_said_to_have_been(desk: Desk, register: Register) -> None:
    register.policy = PresencePolicy(slow_ms=400)
    proof = desk.prove(register)
    slow = replace(proof, milliseconds=(90, 401))
    assert Reason.SLOW_ANSWERS in desk.judged(register, slow).reasons
    assert Reason.SLOW_ANSWERS not in desk.judged(register, replace(proof, milliseconds=(90, 400)), "land").reasons


class TestPerson:
    """Whose card it is: DG1 against the number of the request."""

    def test_the_card_is_the_persons_that_is_asked_about(self, desk: Desk, register: Register) -> None:
        receipt = desk.judged(register, desk.prove(register), subject=Subject(desk.dg1, "099999999999"))
        assert why(receipt) is Reason.PERSON_DIFFERS

    def test_a_dg1_of_another_card_is_refused(self, desk: Desk, register: Register, desk_with: Any) -> None:
        other = desk_with("vietnam-2021", local=False, persona="pham-thi-mau")
        subject = Subject(other.dg1, other.built.personal_number)
        assert why(desk.judged(register, desk.prove(register), subject=subject)) is Reason.GROUP_DIFFERS

    def test_a_lost_card_is_refused(self, desk: Desk, register: Register) -> None:
        register.lost.add(parse_dg1(desk.dg1).document_number)
        subject = Subject(desk.dg1, desk.built.personal_number)
        assert why(desk.judged(register, desk.prove(register), subject=subject)) is Reason.CARD_NOT_VALID

    def test_a_card_of_another_state_is_refused(self, register: Register, desk_with: Any) -> None:
        desk = desk_with("", "state-differs", local=False)
        subject = Subject(desk.dg1, desk.built.personal_number)
        assert why(desk.judged(register, desk.prove(register), subject=subject)) is Reason.FOREIGN_DOCUMENT

    def test_an_expired_card_is_refused(self, register: Register, desk_with: Any) -> None:
        desk = desk_with("", "expired", local=False)
        subject = Subject(desk.dg1, desk.built.personal_number)
        assert why(desk.judged(register, desk.prove(register), subject=subject)) is Reason.DOCUMENT_EXPIRED


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "ệ.b.c", "." * 9000, "e30.e30."])
def test_what_is_no_token_is_refused_like_any_other(desk: Desk, register: Register, token: str) -> None:
    receipt = desk.judged(register, replace(desk.prove(register), token=token))
    assert why(receipt) is Reason.TOKEN_INVALID
    assert (receipt.level, receipt.challenge) == (PresenceLevel.TYPED, None)
