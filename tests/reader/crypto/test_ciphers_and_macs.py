from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.crypto import (
    CipherSuite,
    adjust_parity,
    aes_cmac,
    decrypt_block,
    decrypt_cbc,
    derive_key,
    encrypt_block,
    encrypt_cbc,
    mac,
    pad,
    retail_mac,
    unpad,
)
from reader.crypto.ciphers import three_key
from reader.errors import DataError

every_suite = pytest.mark.parametrize("suite", CipherSuite, ids=lambda suite: suite.name)


@pytest.mark.parametrize(
    ("suite", "key_length", "block_size", "hash_name"),
    [
        (CipherSuite.TDES, 16, 8, "sha1"),
        (CipherSuite.AES_128, 16, 16, "sha1"),
        (CipherSuite.AES_192, 24, 16, "sha256"),
        (CipherSuite.AES_256, 32, 16, "sha256"),
    ],
)
def test_the_four_suites_are_those_of_the_standard(
    suite: CipherSuite, key_length: int, block_size: int, hash_name: str
) -> None:
    assert (suite.key_length, suite.block_size, suite.hash_name) == (key_length, block_size, hash_name)
    assert len(derive_key(b"secret", 1, suite)) == key_length
    assert suite.is_aes is (block_size == 16)


def test_the_four_suites_are_four() -> None:
    assert len(list(CipherSuite)) == 4


@every_suite
def test_keys_of_different_counters_differ(suite: CipherSuite) -> None:
    assert len({derive_key(b"secret", counter, suite) for counter in (1, 2, 3)}) == 3


@given(st.binary(min_size=1, max_size=24))
def test_every_byte_of_an_adjusted_key_has_odd_parity(key: bytes) -> None:
    adjusted = adjust_parity(key)
    assert all(byte.bit_count() % 2 for byte in adjusted)
    assert all(a >> 1 == b >> 1 for a, b in zip(adjusted, key, strict=True))


@given(st.binary(max_size=100), st.sampled_from([8, 16]))
def test_padding_comes_off_again(data: bytes, block: int) -> None:
    padded = pad(data, block)
    assert len(padded) % block == 0
    assert len(data) < len(padded) <= len(data) + block
    assert unpad(padded) == data


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x81" + bytes(7), b"\x01\x02\x03"])
def test_data_without_padding_is_refused(data: bytes) -> None:
    with pytest.raises(DataError):
        unpad(data)


@every_suite
@given(data=st.binary(max_size=100))
def test_cbc_decrypts_what_it_encrypted(suite: CipherSuite, data: bytes) -> None:
    key, iv = derive_key(b"secret", 1, suite), bytes(range(suite.block_size))
    padded = pad(data, suite.block_size)
    assert decrypt_cbc(suite, key, iv, encrypt_cbc(suite, key, iv, padded)) == padded


@every_suite
def test_one_block_is_cbc_with_a_zero_iv(suite: CipherSuite) -> None:
    key, block = derive_key(b"secret", 1, suite), bytes(range(suite.block_size))
    assert encrypt_block(suite, key, block) == encrypt_cbc(suite, key, bytes(suite.block_size), block)
    assert decrypt_block(suite, key, encrypt_block(suite, key, block)) == block


@every_suite
def test_broken_blocks_are_refused(suite: CipherSuite) -> None:
    key = derive_key(b"secret", 1, suite)
    for action in (lambda data: decrypt_cbc(suite, key, bytes(suite.block_size), data),):
        with pytest.raises(DataError):
            action(bytes(suite.block_size + 1))
    with pytest.raises(DataError):
        encrypt_block(suite, key, bytes(suite.block_size - 1))
    with pytest.raises(DataError):
        decrypt_block(suite, key, bytes(2 * suite.block_size))


def test_keys_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError):
        encrypt_cbc(CipherSuite.AES_256, bytes(16), bytes(16), bytes(16))
    with pytest.raises(ValueError):
        mac(CipherSuite.AES_128, bytes(32), b"")
    with pytest.raises(ValueError):
        three_key(bytes(9))
    with pytest.raises(ValueError):
        retail_mac(bytes(8), bytes(8))


def test_des_keys_become_24_bytes() -> None:
    assert three_key(b"A" * 8 + b"B" * 8) == b"A" * 8 + b"B" * 8 + b"A" * 8
    assert three_key(b"A" * 8) == b"A" * 24
    assert three_key(bytes(range(24))) == bytes(range(24))


@pytest.mark.parametrize("length", [0, 7, 9])
def test_the_retail_mac_takes_whole_blocks_only(length: int) -> None:
    with pytest.raises(ValueError):
        retail_mac(bytes(16), bytes(length))


@given(st.integers(1, 6), st.binary(min_size=16, max_size=16))
def test_the_retail_mac_is_single_des_chaining_with_a_last_triple_step(blocks: int, key: bytes) -> None:
    data = bytes(range(8 * blocks))
    state = bytes(8)
    for start in range(0, len(data), 8):
        block = bytes(a ^ b for a, b in zip(state, data[start : start + 8], strict=True))
        state = encrypt_block(CipherSuite.TDES, key[:8], block)
    expected = encrypt_block(CipherSuite.TDES, key[:8], decrypt_block(CipherSuite.TDES, key[8:], state))
    assert retail_mac(key, data) == expected


def test_cmac_agrees_with_wycheproof(shared: Path) -> None:
    groups = json.loads((shared / "data" / "wycheproof" / "aes_cmac_test.json").read_text())["testGroups"]
    checked = 0
    for group in groups:
        if group["keySize"] not in (128, 192, 256) or group["tagSize"] != 128:
            continue
        for test in group["tests"]:
            tag = aes_cmac(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"]))
            assert (tag.hex() == test["tag"]) is (test["result"] == "valid"), test["tcId"]
            checked += 1
    assert checked > 200
