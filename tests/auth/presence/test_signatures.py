"""The pitfalls of Active Authentication (2.5), each as a proof that is refused or said to be weaker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auth.presence import PresenceLevel, PresencePolicy, PresenceRefused, Reason
from auth.presence.claims import active_challenges, transcript_of
from auth.presence.document import Document, DocumentFiles, judge_document
from mock_cards.build import CardFactory
from mock_cards.coprocessor import Coprocessor
from mock_cards.genuine.active_authentication import sign_challenge
from mock_cards.keys import RsaKey
from reader.crypto import system_rng
from reader.errors import UnexpectedStatus, UnprotectedStatus

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

PERSONA = "nguyen-van-mau"
TRANSCRIPT = bytes(range(32))
TWO = active_challenges(TRANSCRIPT, 2)


@pytest.fixture
def signing(register: Register) -> Register:
    register.policy = PresencePolicy(evidence_purposes=frozenset({"citizen-information"}))
    return register


def document_of(factory: CardFactory, register: Register, chip: str) -> tuple[Document, Any]:
    """Return a document as a verifier judges it, and the card with its private keys."""
    card = factory.issue(PERSONA, chip)
    files = DocumentFiles(card.files["EF.SOD"], card.files["DG14"], card.files["DG15"])
    return judge_document(files, register.trust, register.now, {"VN"}), card


def rsa_signature(key: RsaKey, block: bytes) -> bytes:
    return pow(int.from_bytes(block, "big"), key.private_exponent, key.modulus).to_bytes(len(block), "big")


@pytest.mark.parametrize("forgery", ["aa-replayed", "aa-flipped", "aa-zero", "aa-number-too-large"])
@pytest.mark.parametrize("chip", ["vietnam-2021", "vietnam-2024"])
def test_what_the_chip_did_not_sign_now_is_refused(
    desk_with: Callable[..., Desk], signing: Register, forgery: str, chip: str
) -> None:
    desk = desk_with(chip, forgery, local=False)
    receipt = desk.judged(signing, desk.prove(signing, evidence=True))
    assert receipt.reasons in ((Reason.SIGNATURE_WRONG,), (Reason.SIGNATURE_REPEATED,))


@pytest.mark.parametrize("forgery", ["aa-header-wrong", "aa-trailer-wrong", "aa-other-hash-said"])
def test_header_trailer_and_hash_are_those_of_the_standard(
    desk_with: Callable[..., Desk], signing: Register, forgery: str
) -> None:
    desk = desk_with("", forgery, local=False)
    assert desk.judged(signing, desk.prove(signing, evidence=True)).reasons == (Reason.SIGNATURE_WRONG,)


@pytest.mark.parametrize("forgery", ["aa-refused", "aa-empty"])
def test_a_chip_that_does_not_sign_is_an_error_of_the_card(
    desk_with: Callable[..., Desk], signing: Register, forgery: str
) -> None:
    desk = desk_with("", forgery, local=False)
    with pytest.raises((UnexpectedStatus, UnprotectedStatus)):
        desk.prove(signing, evidence=True)


def test_each_signature_is_over_its_own_piece_of_the_transcript(
    desk_with: Callable[..., Desk], signing: Register
) -> None:
    desk = desk_with("vietnam-2024", local=False)
    proof = desk.prove(signing, evidence=True)
    first, second, *rest = proof.answers
    for answers in ((second, first, *rest), (first, first, *rest), (*proof.answers, first)):
        wrong = replace(proof, answers=answers)
        assert not desk.judged(signing, wrong).accepted
        proof = replace(proof, token=desk.offer(signing, evidence=True).token)
        signing.wait(61)


def test_signatures_of_an_earlier_challenge_are_of_no_use(desk_with: Callable[..., Desk], signing: Register) -> None:
    desk = desk_with("vietnam-2024", local=False)
    earlier = desk.prove(signing, evidence=True)
    later = desk.offer(signing, evidence=True)
    receipt = desk.judged(signing, replace(earlier, token=later.token))
    assert receipt.reasons == (Reason.SIGNATURE_WRONG,)


class TestRsa:
    """ISO/IEC 9796-2 scheme 1 with partial recovery, taken strictly."""

    def signatures(self, card: Any) -> tuple[bytes, ...]:
        spec = card.profile.active_key
        return tuple(sign_challenge(challenge, card.active_key, spec, Coprocessor(system_rng)) for challenge in TWO)

    def test_the_smaller_of_number_and_complement_is_taken(self, factory: CardFactory, register: Register) -> None:
        document, card = document_of(factory, register, "vietnam-2024")
        size = card.active_key.modulus.bit_length() // 8
        numbers = [int.from_bytes(signature, "big") for signature in self.signatures(card)]
        complements = tuple((card.active_key.modulus - number).to_bytes(size, "big") for number in numbers)
        assert document.judge_signatures(TWO, complements) == ()

    def test_a_padded_header_is_refused(self, factory: CardFactory, register: Register) -> None:
        """Header 6B…BA leaves M1 shorter than its place: legal ISO 9796-2, but room for a forger of small exponents."""
        document, card = document_of(factory, register, "vietnam-2024")
        key = card.active_key

        def padded(challenge: bytes) -> bytes:
            size = key.modulus.bit_length() // 8
            message = system_rng(20)
            hashed = hashlib.sha256(message + challenge).digest()
            fill = size - 1 - len(message) - len(hashed) - 2
            block = b"\x6b" + b"\xbb" * (fill - 1) + b"\xba" + message + hashed + b"\x34\xcc"
            return rsa_signature(key, block)

        with pytest.raises(PresenceRefused) as refused:
            document.judge_signatures(TWO, tuple(padded(challenge) for challenge in TWO))
        assert refused.value.reason is Reason.SIGNATURE_WRONG

    @pytest.mark.parametrize("length", [-1, 1])
    def test_the_signature_is_as_long_as_the_modulus(
        self, factory: CardFactory, register: Register, length: int
    ) -> None:
        document, card = document_of(factory, register, "vietnam-2024")
        first, second = self.signatures(card)
        other = first[:-1] if length < 0 else b"\0" + first
        with pytest.raises(PresenceRefused):
            document.judge_signatures(TWO, (other, second))

    @pytest.mark.parametrize("number", [0, 1, -1])
    def test_trivial_numbers_are_refused(self, factory: CardFactory, register: Register, number: int) -> None:
        document, card = document_of(factory, register, "vietnam-2024")
        modulus = card.active_key.modulus
        trivial = (number % modulus).to_bytes(modulus.bit_length() // 8, "big")
        with pytest.raises(PresenceRefused):
            document.judge_signatures(TWO, (trivial, self.signatures(card)[1]))

    def test_a_key_of_1024_bits_with_sha1_is_said_to_be_weak(self, factory: CardFactory, register: Register) -> None:
        document, card = document_of(factory, register, "icao-3des")
        said = document.judge_signatures(TWO, self.signatures(card))
        assert set(said) == {Reason.SHORT_KEY, Reason.SHA1_SIGNATURE}


@pytest.mark.parametrize(("curve", "usable"), [("brainpoolP256r1", True), ("brainpoolP224r1", False)])
def test_a_dg14_that_names_no_hash_means_sha256_on_a_curve_that_is_long_enough(
    factory: CardFactory, register: Register, tmp_path: Path, curve: str, usable: bool
) -> None:
    chip = tmp_path / "silent.toml"
    chip.write_text(f'like = "vietnam-2021"\nabout = "silent"\n[active_authentication]\nkey = "{curve}"\n')
    document, card = document_of(factory, register, str(chip))
    silent = replace(document, infos=None)
    spec = replace(card.profile.active_key, hash_name="sha256")
    signatures = tuple(sign_challenge(piece, card.active_key, spec, Coprocessor(system_rng)) for piece in TWO)
    if usable:
        assert silent.judge_signatures(TWO, signatures) == (Reason.HASH_BY_KEY_SIZE,)
        return
    with pytest.raises(PresenceRefused) as refused:
        silent.judge_signatures(TWO, signatures)
    assert refused.value.reason is Reason.KEY_REFUSED


def test_a_sha1_trailer_costs_a_level(desk_with: Callable[..., Desk], signing: Register) -> None:
    desk = desk_with("quirk-aa-33cc", local=False)
    receipt = desk.judged(signing, desk.prove(signing, evidence=True))
    assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.BOUND_BEFOREHAND)


def test_the_challenges_are_pieces_of_a_transcript_that_only_the_token_decides() -> None:
    pieces = active_challenges(transcript_of("token"), 4)
    assert [len(piece) for piece in pieces] == [8, 8, 8, 8]
    assert b"".join(pieces) == transcript_of("token") != transcript_of("tokeo")
