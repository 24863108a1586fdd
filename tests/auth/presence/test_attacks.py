"""The attacks that the protocol was shaped by: what each would gain, and that it gains nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auth.presence import ChallengeOffer, Mode, PresencePolicy, PresenceRefused, Reason, commit
from auth.presence.claims import CHALLENGE_KIND, ChallengeClaims, active_challenges, transcript_of
from auth.presence.tokens import read_token
from desk.words import presence_words
from mock_cards.intervention import intervene, of_instruction
from mock_cards.recording import chip_of
from reader.iso7816 import CommandAPDU, ResponseAPDU

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

SIGNS = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))
SCALE_BITS = 16


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021", local=False)


def test_a_request_chosen_after_the_nonce_could_be_ground_to_a_signature_that_was_harvested() -> None:
    """What the design rules out, at a scale of 16 bits: with 64 signatures at hand a thousand tries are enough."""
    nonce, harvested = secrets.token_bytes(32), {secrets.randbits(SCALE_BITS) for _ in range(64)}
    for tries in range(200_000):
        request = f'{{"lookup_id":"{tries}"}}'.encode()
        drawn = int.from_bytes(hashlib.sha256(nonce + request).digest()[:8], "big") >> (64 - SCALE_BITS)
        if drawn in harvested:
            break
    else:
        pytest.fail("200,000 tries find what one in a thousand is")
    assert tries < 200_000


def test_here_the_request_is_fixed_before_the_nonce_is_drawn(desk: Desk, register: Register) -> None:
    register.policy = SIGNS
    offers = [desk.offer(register, evidence=True) for _ in range(8)]
    claims = [read_token(CHALLENGE_KIND, ChallengeClaims, offer.token, register.issuers) for offer in offers]
    assert len({one.root for one in claims}) == 1, "the same requests"
    assert len({one.nonce for one in claims}) == 8, "and another nonce each time"
    pieces = [piece for offer in offers for piece in active_challenges(transcript_of(offer.token), 4)]
    assert len(set(pieces)) == 32, "so each try is a new draw that the desk has no say in"


def test_another_request_needs_another_challenge_and_the_old_one_is_bound_to_all_of_its_own(
    desk: Desk, register: Register
) -> None:
    """Neither a second preimage nor a collision of eight bytes helps: the token holds SHA-256 of the requests."""
    proof = desk.prove(register)
    other = {"population": b'{"lookup":"another"}', "land": desk.requests["land"]}
    claims = read_token(CHALLENGE_KIND, ChallengeClaims, proof.token, register.issuers)
    changed = replace(proof, commitment=commit(other))
    assert desk.judged(register, changed, body=other["population"]).reasons == (Reason.REQUEST_DIFFERS,)
    assert len(claims.root) == 43, "all 256 bits"


def test_what_the_chip_signs_is_a_hash_of_our_own_token_and_no_message_of_anybody(
    desk: Desk, register: Register
) -> None:
    register.policy = SIGNS
    signed: list[bytes] = []
    chip, signs = chip_of(desk.built.card), of_instruction(0x88)

    def note(command: CommandAPDU, protected: bool) -> bool:
        if signs(command, protected):
            signed.append(command.data)
        return False

    intervene(chip, _watching(note))
    proof = desk.prove(register, evidence=True)
    assert b"".join(signed) == transcript_of(proof.token)


def _watching(note: Callable[[CommandAPDU, bool], bool]) -> Any:
    from mock_cards.intervention import instead

    return instead(note, lambda command, answer: ResponseAPDU(b"", 0x6F00))


def test_by_default_the_chip_leaves_nothing_that_can_be_passed_on(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    assert proof.mode is Mode.CHIP
    for wish in ({"evidence": True}, {"modes": (Mode.ACTIVE,)}):
        with pytest.raises(PresenceRefused, match="downgrade"):
            desk.offer(register, **wish)


def test_no_level_says_that_the_citizen_was_here() -> None:
    claims = [phrase for table in (presence_words.LEVELS, presence_words.TAPS) for phrase in table.values()]
    for phrase in claims:
        assert "citizen" not in phrase.en
        assert "công dân" not in phrase.vi
    assert "reachable by this session" in presence_words.LEVELS[4].en
    assert "phiên này tiếp cận được" in presence_words.LEVELS[4].vi
    assert "relay" in presence_words.LEVEL_LIMITS[4].en


def test_a_challenge_cannot_be_answered_before_it_is_given(desk: Desk, register: Register) -> None:
    proof = desk.prove(register)
    later = desk.offer(register)
    assert later.token != proof.token
    stale = replace(proof, token=later.token)
    assert desk.judged(register, stale).reasons == (Reason.ANSWER_WRONG,)


@pytest.mark.parametrize("forgery", ["csca-self-made", "csca-not-held", "dg14-changed", "dg15-changed"])
def test_no_challenge_is_given_to_a_clone_with_keys_of_its_own(
    desk_with: Callable[..., Desk], register: Register, forgery: str
) -> None:
    desk = desk_with("", forgery, local=False)
    with pytest.raises(PresenceRefused) as refused:
        desk.offer(register)
    assert refused.value.reason in (Reason.DOCUMENT_UNTRUSTED, Reason.GROUP_DIFFERS, Reason.DOCUMENT_REFUSED)


def test_a_chip_key_that_is_no_point_of_its_curve_is_never_agreed_with(
    desk_with: Callable[..., Desk], register: Register
) -> None:
    desk = desk_with("", "ca-key-off-curve", local=False)
    with pytest.raises(PresenceRefused) as refused:
        desk.offer(register)
    assert refused.value.reason in (Reason.KEY_REFUSED, Reason.DOCUMENT_REFUSED)


def test_a_mac_can_be_guessed_once_for_each_challenge(desk: Desk, register: Register) -> None:
    offer: ChallengeOffer = desk.offer(register)
    genuine = desk.prover(register).prove(offer)
    guesses = [replace(genuine, answers=(genuine.answers[0][:-10] + secrets.token_bytes(8) + b"\x90\x00",))]
    guesses += [genuine]
    reasons = [desk.judged(register, guess).reasons for guess in guesses]
    assert reasons == [(Reason.ANSWER_WRONG,), (Reason.ALREADY_USED,)]
