"""Active Authentication: only this chip, only this challenge (chip-reading 4.3, CH-01 … CH-06)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reader.genuine import (
    ActiveKey,
    ActiveProof,
    ActiveReason,
    choose_active_key,
    judge_active_proof,
    prove_active_key,
)
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode
from reader.lds import ActiveAuthenticationInfo, SecurityInfos
from reader.trust import RsaPublicKey
from reader.verdict import CheckStatus, Verdict

PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"
TRAILERS = {"sha1": b"\xbc", "sha256": b"\x34\xcc", "sha512": b"\x35\xcc", "sha384": b"\x36\xcc", "sha224": b"\x38\xcc"}

Sign = Callable[[bytes], bytes]


class Chip:
    """Answer INTERNAL AUTHENTICATE with whatever ``sign`` makes of the challenge."""

    def __init__(self, sign: Sign, sw: int = 0x9000) -> None:
        self.sign, self.sw = sign, sw
        self.challenges: list[bytes] = []
        self.asked: list[int] = []

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        assert command.header == bytes.fromhex("00880000")
        self.challenges.append(command.data)
        self.asked.append(command.ne)
        return ResponseAPDU(self.sign(command.data) if self.sw == 0x9000 else b"", self.sw)


def infos(oid: str = PLAIN_SHA256) -> SecurityInfos:
    return SecurityInfos((), active_authentication=ActiveAuthenticationInfo(oid))


def sign_rsa(key: rsa.RSAPrivateKey, digest: str = "sha256", header: int = 0x6A) -> Sign:
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    size = modulus.bit_length() // 8

    def sign(challenge: bytes) -> bytes:
        trailer = TRAILERS[digest]
        own = bytes(size - 1 - hashlib.new(digest).digest_size - len(trailer))
        value = bytes((header,)) + own + hashlib.new(digest, own + challenge).digest() + trailer
        return pow(int.from_bytes(value, "big"), numbers.d, modulus).to_bytes(size, "big")

    return sign


def sign_ecdsa(key: ec.EllipticCurvePrivateKey, digest: Any = None, *, der: bool = False) -> Sign:
    size = (key.key_size + 7) // 8

    def sign(challenge: bytes) -> bytes:
        signature = key.sign(challenge, ec.ECDSA(digest or hashes.SHA256()))
        r, s = utils.decode_dss_signature(signature)
        return signature if der else r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def chosen(spki: bytes, given: SecurityInfos | None = None) -> ActiveKey:
    key = choose_active_key(spki, given)
    assert isinstance(key, ActiveKey)
    return key


def codes(verdict: Verdict) -> list[str]:
    return [note.code for note in verdict.notes]


@pytest.mark.parametrize("digest", list(TRAILERS))
def test_every_trailer_of_iso_9796_2_is_understood(rsa_key: Any, spki: Any, digest: str) -> None:
    """CH-02."""
    verdict = prove_active_key(Chip(sign_rsa(rsa_key, digest)), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.PASSED, ActiveReason.VERIFIED)
    assert codes(verdict) == (["sha1-signature"] if digest == "sha1" else [])
    assert dict(verdict.evidence)["algorithm"] == f"iso9796-2-{digest}"


@pytest.mark.parametrize("header", [0x4A, 0x6B, 0x60])
def test_another_header_is_refused(rsa_key: Any, spki: Any, header: int) -> None:
    """CH-03."""
    verdict = prove_active_key(Chip(sign_rsa(rsa_key, header=header)), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)


def test_a_replayed_rsa_signature_fails(rsa_key: Any, spki: Any) -> None:
    """CH-01."""
    old = sign_rsa(rsa_key)(bytes(8))
    verdict = prove_active_key(Chip(lambda _: old), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)


def test_each_challenge_is_eight_fresh_bytes(rsa_key: Any, spki: Any) -> None:
    """CH-06: nobody hands a challenge in; there is no parameter for it."""
    chip = Chip(sign_rsa(rsa_key))
    for _ in range(3):
        prove_active_key(chip, chosen(spki(rsa_key)))
    assert [len(challenge) for challenge in chip.challenges] == [8, 8, 8]
    assert len(set(chip.challenges)) == 3


def test_an_answer_cut_short_is_asked_for_again_with_another_challenge(rsa_key: Any, spki: Any) -> None:
    """CH-05b: an Australian chip cuts the answer short with 9000."""
    sign = sign_rsa(rsa_key)
    chip = Chip(sign)
    chip.sign = lambda challenge: sign(challenge)[: None if chip.asked[-1] > 256 else 231]
    verdict = prove_active_key(chip, chosen(spki(rsa_key)))
    assert verdict.status is CheckStatus.PASSED
    assert chip.asked == [256, 65536]
    assert len(set(chip.challenges)) == 2


def test_an_answer_that_stays_short_fails_after_the_ladder(rsa_key: Any, spki: Any) -> None:
    chip = Chip(lambda _: b"")
    verdict = prove_active_key(chip, chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)
    assert chip.asked == [256, 65536, 231]


@pytest.mark.parametrize("sw", [0x6982, 0x6A80, 0x6A88, 0x6D00, 0x6F00, 0x6300])
def test_a_chip_that_refuses_fails_at_once(rsa_key: Any, spki: Any, sw: int) -> None:
    chip = Chip(lambda _: b"", sw)
    verdict = prove_active_key(chip, chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.REFUSED)
    assert dict(verdict.evidence)["status"] == f"{sw:04X}"
    assert len(chip.asked) == 1


@pytest.mark.parametrize("curve", [ec.SECP256R1, ec.BrainpoolP256R1, ec.BrainpoolP384R1])
def test_plain_ecdsa_passes_and_der_is_noted(spki: Any, curve: Any) -> None:
    key = ec.generate_private_key(curve())
    for der in (False, True):
        verdict = prove_active_key(Chip(sign_ecdsa(key, der=der)), chosen(spki(key), infos()))
        assert verdict.status is CheckStatus.PASSED
        assert codes(verdict) == (["der-signature"] if der else [])


@pytest.mark.parametrize(
    ("curve", "digest"),
    [(ec.SECP224R1, hashes.SHA224()), (ec.SECP256R1, hashes.SHA256()), (ec.BrainpoolP512R1, hashes.SHA512())],
)
def test_without_dg14_the_hash_follows_from_the_key_and_is_noted(spki: Any, curve: Any, digest: Any) -> None:
    """CH-05."""
    key = ec.generate_private_key(curve())
    verdict = prove_active_key(Chip(sign_ecdsa(key, digest)), chosen(spki(key)))
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["hash-by-key-size"]


def test_the_hash_is_the_one_dg14_names(spki: Any) -> None:
    """CH-05."""
    key = ec.generate_private_key(ec.SECP256R1())
    verdict = prove_active_key(Chip(sign_ecdsa(key, hashes.SHA512())), chosen(spki(key), infos()))
    assert verdict.reason == ActiveReason.WRONG


def test_sha1_is_refused_for_ecdsa(spki: Any) -> None:
    """CH-05."""
    key = ec.generate_private_key(ec.SECP256R1())
    verdict = choose_active_key(spki(key), infos("0.4.0.127.0.7.1.1.4.1.1"))
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.ALGORITHM_REFUSED)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, b"\x01", bytes(63) + b"\x01", b"\x30\x00"])
def test_impossible_signatures_fail(spki: Any, signature: bytes) -> None:
    """CH-04: r or s zero, or not below n."""
    key = ec.generate_private_key(ec.SECP256R1())
    verdict = prove_active_key(Chip(lambda _: signature), chosen(spki(key), infos()))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)


def test_another_key_of_the_same_kind_fails(rsa_key: Any, spki: Any) -> None:
    other = rsa.generate_private_key(65537, 2048)
    assert prove_active_key(Chip(sign_rsa(other)), chosen(spki(rsa_key))).status is CheckStatus.FAILED
    first, second = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    verdict = prove_active_key(Chip(sign_ecdsa(second)), chosen(spki(first), infos()))
    assert verdict.status is CheckStatus.FAILED


def test_a_key_that_cannot_be_one_is_refused_and_one_we_lack_is_not_called_forged(spki: Any) -> None:
    broken = choose_active_key(b"\x30\x00", None)
    assert isinstance(broken, Verdict)
    assert (broken.status, broken.reason) == (CheckStatus.FAILED, ActiveReason.KEY_REFUSED)
    key = ec.generate_private_key(ec.SECP256R1())
    foreign = choose_active_key(spki(key), infos("1.2.3.4"))
    assert isinstance(foreign, Verdict)
    assert (foreign.status, foreign.reason) == (CheckStatus.UNAVAILABLE, ActiveReason.NOT_SUPPORTED)


@pytest.mark.parametrize("bits", [1024, 1536])
def test_short_rsa_keys_are_noted(spki: Any, bits: int) -> None:
    """CH-02."""
    key = rsa.generate_private_key(65537, bits)  # chips of 2008 have such keys
    verdict = prove_active_key(Chip(sign_rsa(key)), chosen(spki(key)))
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["short-key"]


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_keys_of_today_pass_without_a_note(spki: Any, bits: int) -> None:
    """CH-02: the longest answer, 512 bytes, fits no short one."""
    key = rsa.generate_private_key(65537, bits)
    verdict = prove_active_key(Chip(sign_rsa(key)), chosen(spki(key)))
    assert (verdict.status, codes(verdict)) == (CheckStatus.PASSED, [])


def test_rsa_keys_below_1024_bits_are_refused() -> None:
    """CH-02."""
    numbers = encode(0x02, b"\0" + b"\xff" * 96) + encode(0x02, b"\x01\0\x01")
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    verdict = choose_active_key(encode(0x30, algorithm + encode(0x03, b"\0" + encode(0x30, numbers))), None)
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.KEY_REFUSED)


def test_sha1_by_its_explicit_trailer_is_understood(rsa_key: Any, spki: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """CH-02: 33CC, which says what BC means."""
    monkeypatch.setitem(TRAILERS, "sha1", b"\x33\xcc")
    verdict = prove_active_key(Chip(sign_rsa(rsa_key, "sha1")), chosen(spki(rsa_key)))
    assert dict(verdict.evidence)["algorithm"] == "iso9796-2-sha1"


def test_a_signature_that_begins_with_zeros_passes(spki: Any) -> None:
    """CH-02: the number has the modulus' length all the same; and what ``sign_rsa`` recovers is nothing but zeros."""
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # one signature in 256 is looked for, so a short key
    sign, zero = sign_rsa(key), bytes(1)

    def draws() -> Iterator[bytes]:
        return (number.to_bytes(8, "big") for number in range(10_000))

    challenge = next(drawn for drawn in draws() if sign(drawn).startswith(zero))
    verdict = prove_active_key(Chip(sign), chosen(spki(key)), rng=lambda count: challenge)
    assert verdict.status is CheckStatus.PASSED


@pytest.mark.parametrize("part", [0, 1], ids=["r", "s"])
@pytest.mark.parametrize("der", [False, True], ids=["plain", "der"])
def test_r_and_s_with_leading_zeros_pass(spki: Any, part: int, der: bool) -> None:
    """CH-04."""
    key = ec.generate_private_key(ec.SECP256R1())

    def sign(challenge: bytes) -> bytes:
        while True:
            signature = key.sign(challenge, ec.ECDSA(hashes.SHA256()))
            numbers = utils.decode_dss_signature(signature)
            if numbers[part] >> 248 == 0:
                return signature if der else b"".join(number.to_bytes(32, "big") for number in numbers)

    assert prove_active_key(Chip(sign), chosen(spki(key), infos())).status is CheckStatus.PASSED


@pytest.mark.parametrize("curve", [ec.SECP192R1, ec.SECP224R1, ec.SECP384R1, ec.SECP521R1, ec.BrainpoolP512R1])
def test_every_curve_of_a_chip_signs_plain_and_der(spki: Any, curve: Any) -> None:
    """CH-04."""
    key = ec.generate_private_key(curve())
    for der in (False, True):
        chip = Chip(sign_ecdsa(key, hashes.SHA512(), der=der))
        verdict = prove_active_key(chip, chosen(spki(key), infos("0.4.0.127.0.7.1.1.4.1.5")))
        assert (verdict.status, codes(verdict)) == (CheckStatus.PASSED, ["der-signature"] if der else [])


def test_the_proof_that_is_kept_can_be_judged_by_anybody_who_has_dg15(rsa_key: Any, spki: Any) -> None:
    """CH-18: transferable, and only for the challenge it was made for."""
    kept: list[ActiveProof] = []
    key = chosen(spki(rsa_key))
    chip = Chip(sign_rsa(rsa_key))
    assert prove_active_key(chip, key, keep=kept.append).status is CheckStatus.PASSED
    assert kept[0].challenge == chip.challenges[0]
    assert judge_active_proof(chosen(spki(rsa_key)), kept[0]).status is CheckStatus.PASSED
    other = ActiveProof(bytes(8), kept[0].signature)
    assert judge_active_proof(key, other).reason == ActiveReason.WRONG
    assert kept[0].signature.hex() not in repr(kept[0])


def test_a_kind_of_key_that_is_not_known_is_our_lack_and_no_fault_of_the_chips() -> None:
    spki = ed25519.Ed25519PrivateKey.generate().public_key()
    chosen = choose_active_key(spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), infos())
    assert isinstance(chosen, Verdict)
    assert (chosen.status, chosen.reason) == (CheckStatus.UNAVAILABLE, ActiveReason.NOT_SUPPORTED)


def test_a_modulus_that_no_chip_signs_with_is_no_key() -> None:
    verdict = judge_active_proof(ActiveKey(RsaPublicKey((1 << 503) + 1, 65537)), ActiveProof(bytes(8), bytes(63)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.KEY_REFUSED)


def test_what_begins_like_der_and_is_as_long_as_a_plain_signature_is_tried_as_both_and_fails() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    active = choose_active_key(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), infos())
    assert isinstance(active, ActiveKey)
    verdict = judge_active_proof(active, ActiveProof(bytes(8), b"\x30\x3e" + bytes(62)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)
    assert repr(ActiveProof(b"secret12", b"signature")) == "ActiveProof()"
