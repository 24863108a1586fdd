"""Active Authentication: only this chip, only this challenge (chip-reading 4.3, CH-01 … CH-06)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from reader.genuine import ActiveKey, ActiveReason, choose_active_key, prove_active_key
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.lds import ActiveAuthenticationInfo, SecurityInfos
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
    verdict = prove_active_key(Chip(sign_rsa(rsa_key, digest)), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.PASSED, ActiveReason.VERIFIED)
    assert codes(verdict) == (["sha1-signature"] if digest == "sha1" else [])
    assert dict(verdict.evidence)["algorithm"] == f"iso9796-2-{digest}"


@pytest.mark.parametrize("header", [0x4A, 0x6B, 0x60])
def test_another_header_is_refused(rsa_key: Any, spki: Any, header: int) -> None:
    verdict = prove_active_key(Chip(sign_rsa(rsa_key, header=header)), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)


def test_a_replayed_rsa_signature_fails(rsa_key: Any, spki: Any) -> None:
    old = sign_rsa(rsa_key)(bytes(8))
    verdict = prove_active_key(Chip(lambda _: old), chosen(spki(rsa_key)))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ActiveReason.WRONG)


def test_each_challenge_is_eight_fresh_bytes(rsa_key: Any, spki: Any) -> None:
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
    key = ec.generate_private_key(ec.SECP256R1())
    verdict = prove_active_key(Chip(sign_ecdsa(key, hashes.SHA512())), chosen(spki(key), infos()))
    assert verdict.reason == ActiveReason.WRONG


def test_sha1_is_refused_for_ecdsa(spki: Any) -> None:
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
    key = rsa.generate_private_key(65537, bits)  # chips of 2008 have such keys
    verdict = prove_active_key(Chip(sign_rsa(key)), chosen(spki(key)))
    assert verdict.status is CheckStatus.PASSED
    assert codes(verdict) == ["short-key"]
