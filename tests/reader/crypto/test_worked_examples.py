"""The numbers of ICAO 9303-11 appendices D, F, G.1 and I, as far as they are primitives."""

from __future__ import annotations

import hashlib

import pytest

from reader.crypto import (
    COUNTER_ENC,
    COUNTER_MAC,
    COUNTER_PACE,
    CipherSuite,
    Point,
    RecoveryFault,
    add,
    curve_by_parameter_id,
    decrypt_cbc,
    derive_key,
    encrypt_cbc,
    generator,
    mac,
    multiply,
    pad,
    recover,
    x_bytes,
)

TDES = CipherSuite.TDES
AES = CipherSuite.AES_128


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


class TestAppendixD:
    """Basic Access Control."""

    def test_d1_and_d2_derive_the_access_keys_with_adjusted_parity(self) -> None:
        seed = hashlib.sha1(b"L898902C<369080619406236", usedforsecurity=False).digest()[:16]
        assert seed == octets("239AB9CB282DAF66231DC5A4DF6BFBAE")
        assert derive_key(seed, COUNTER_ENC, TDES) == octets("AB94FDECF2674FDFB9B391F85D7F76F2")
        assert derive_key(seed, COUNTER_MAC, TDES) == octets("7962D9ECE03D1ACD4C76089DCE131543")

    def test_d3_encrypts_and_authenticates_the_challenge(self) -> None:
        plain = octets("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B")
        encrypted = octets("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2")
        key = octets("AB94FDECF2674FDFB9B391F85D7F76F2")
        assert encrypt_cbc(TDES, key, bytes(8), plain) == encrypted
        assert decrypt_cbc(TDES, key, bytes(8), encrypted) == plain
        assert mac(TDES, octets("7962D9ECE03D1ACD4C76089DCE131543"), pad(encrypted, 8)) == octets("5F1448EEA8AD90A7")

    def test_d3_derives_the_session_keys(self) -> None:
        seed = octets("0036D272F5C350ACAC50C3F572D23600")
        assert derive_key(seed, COUNTER_ENC, TDES) == octets("979EC13B1CBFE9DCD01AB0FED307EAE5")
        assert derive_key(seed, COUNTER_MAC, TDES) == octets("F1CB1F1FB5ADF208806B89DC579DC1F8")

    def test_d4_retail_mac_of_a_protected_command(self) -> None:
        key = octets("F1CB1F1FB5ADF208806B89DC579DC1F8")
        text = octets("887022120C06C2270CA4020C800000008709016375432908C044F68000000000")
        assert mac(TDES, key, text) == octets("BF8B92D635FF24F8")


# Appendix F prints no public key, so its message representative is signed with an RSA key made for this test.
M1 = octets(
    "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991"
    "B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F3A1406B3B4D8F967"
    "84D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E"
    "7292E2DCDA3024B47DA8"
)
RND_IFD = octets("F173589974BF40C6")
DIGEST = octets("C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127")


class TestAppendixF:
    """Active Authentication with RSA-1024 and SHA-1."""

    def test_the_hash_covers_the_recovered_part_and_the_challenge(self) -> None:
        assert hashlib.sha1(M1 + RND_IFD, usedforsecurity=False).digest() == DIGEST

    def test_the_representative_verifies(self, rsa_1024: tuple[int, int, int]) -> None:
        modulus, exponent, private = rsa_1024
        representative = b"\x6a" + M1 + DIGEST + b"\xbc"
        signature = pow(int.from_bytes(representative, "big"), private, modulus).to_bytes(128, "big")
        result = recover(modulus, exponent, signature, RND_IFD)
        assert result.verified
        assert result.hash_name == "sha1"

    def test_another_challenge_does_not(self, rsa_1024: tuple[int, int, int]) -> None:
        modulus, exponent, private = rsa_1024
        representative = b"\x6a" + M1 + DIGEST + b"\xbc"
        signature = pow(int.from_bytes(representative, "big"), private, modulus).to_bytes(128, "big")
        assert recover(modulus, exponent, signature, bytes(8)).fault is RecoveryFault.DIGEST


def point(x: str, y: str) -> Point:
    return Point(int(x, 16), int(y, 16))


class TestAppendixG1:
    """PACE, ECDH, generic mapping, brainpoolP256r1."""

    curve = curve_by_parameter_id(13)
    terminal_map = 0x7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99
    chip_map = 0x498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560
    nonce = octets("3F00C4D39D153F2B2A214A078D899B22")
    shared_h = point(
        "60332EF2450B5D247EF6D3868397D398852ED6E8CAF6FFEEF6BF85CA57057FD5",
        "0840CA7415BAF3E43BD414D35AA4608B93A2CAF3A4E3EA4E82C9C13D03EB7181",
    )
    mapped = point(
        "8CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E2",
        "8C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522",
    )

    def test_the_password_key_opens_the_nonce(self) -> None:
        password = hashlib.sha1(b"T22000129364081251010318", usedforsecurity=False).digest()
        assert password == octets("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
        key = derive_key(password, COUNTER_PACE, AES)
        assert key == octets("89DED1B26624EC1E634C1989302849DD")
        assert decrypt_cbc(AES, key, bytes(16), octets("95A3A016522EE98D01E76CB6B98B42C3")) == self.nonce

    def test_the_nonce_is_mapped(self) -> None:
        chip_public = multiply(self.curve, self.chip_map, generator(self.curve))
        assert multiply(self.curve, self.terminal_map, chip_public) == self.shared_h
        scaled = multiply(self.curve, int.from_bytes(self.nonce, "big"), generator(self.curve))
        assert add(self.curve, scaled, self.shared_h) == self.mapped

    def test_keys_are_agreed_with_the_mapped_generator(self) -> None:
        terminal = 0xA73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595
        chip = 0x107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A
        secret = multiply(self.curve, terminal, multiply(self.curve, chip, self.mapped))
        shared = x_bytes(self.curve, secret)
        assert shared == octets("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925")
        assert derive_key(shared, COUNTER_ENC, AES) == octets("F5F0E35C0D7161EE6724EE513A0D9A7F")
        assert derive_key(shared, COUNTER_MAC, AES) == octets("FE251C7858B356B24514B3BD5F4297D1")

    @pytest.mark.parametrize(
        ("public", "token"),
        [
            (
                "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
                "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094",
                "C2B0BD78D94BA866",
            ),
            (
                "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
                "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462",
                "3ABB9674BCE93C08",
            ),
        ],
    )
    def test_the_tokens_are_cmacs_over_the_other_sides_key(self, public: str, token: str) -> None:
        key = octets("FE251C7858B356B24514B3BD5F4297D1")
        text = octets("7F494F060A04007F000702020402028641" + public)
        assert mac(AES, key, text) == octets(token)


def test_appendix_i_derives_the_password_key() -> None:
    """I.1 uses Chip Authentication Mapping; its password encoding and password key are those of every mapping."""
    password = hashlib.sha1(b"C11T002JM496081222310314", usedforsecurity=False).digest()
    assert password == octets("894D03F148C6265E89845B218856EA34D00EF8E8")
    assert derive_key(password, COUNTER_PACE, AES) == octets("4E6F6FBF7BE748B932C7B74161BBA9DF")
