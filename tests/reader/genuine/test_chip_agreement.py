"""Chip Authentication in numbers: every group, every cipher, keys in every form (ICAO 9303-11 §6.2.3, §9.6)."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dh
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from reader.access import Channel, encode_oid
from reader.crypto import (
    CURVES,
    MODP_GROUPS,
    CipherSuite,
    Curve,
    ModpGroup,
    decode_point,
    derive_key,
    explicit_group,
    generator,
    multiply,
    x_bytes,
)
from reader.errors import DataError
from reader.files import FileId, read_file
from reader.genuine import Agreement, ChipKey, ChipReason, agree_with_chip, choose_chip_key, confirmed
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find, parse
from reader.lds import ChipAuthenticationInfo, ChipAuthenticationPublicKey, SecurityInfos, parse_dg14
from reader.trust import EcPublicKey, parse_dh_spki
from reader.verdict import CheckStatus, Verdict

# RFC 3526 §3: the 2048-bit MODP group, which is none of the standardised ones of chip documents.
RFC_3526_14 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)

Open = Callable[..., Channel]


def infos_of(channel: Channel) -> SecurityInfos:
    return parse_dg14(read_file(channel.link, FileId.DG14).data)


def key_of(infos: SecurityInfos) -> ChipKey:
    chosen = choose_chip_key(infos)
    assert isinstance(chosen, ChipKey)
    return chosen


OIDS = {1: "TDES", 2: "AES_128", 3: "AES_192", 4: "AES_256"}


class KeyHolder:
    """A chip that holds a static key: it takes the terminal's key and derives what the standard says."""

    def __init__(self, domain: Curve | ModpGroup, secret: int, *, has_set_kat: bool = True, oid: str = "") -> None:
        self.domain, self.secret, self.has_set_kat, self.oid = domain, secret, has_set_kat, oid
        self.commands: list[CommandAPDU] = []
        self.shared = b""
        self.keys: Any = None

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        if command.ins == 0x22 and command.p2 == 0xA6:
            if not self.has_set_kat:
                return ResponseAPDU(b"", 0x6A80)
            return self.take(find(command.data, 0x91))
        if command.ins == 0x22:
            wanted = not self.oid or find(command.data, 0x80) == encode_oid(self.oid)
            return ResponseAPDU(b"", 0x9000 if wanted else 0x6A80)
        return self.take(find(command.data, 0x7C, 0x80))

    def take(self, theirs: bytes) -> ResponseAPDU:
        if isinstance(self.domain, Curve):
            point = decode_point(self.domain, theirs)
            self.shared = x_bytes(self.domain, multiply(self.domain, self.secret, point))
        else:
            assert theirs[:1] != b"\0"  # 9303-11 §9.4.5: an unsigned integer, without leading zeros
            value = pow(int.from_bytes(theirs, "big"), self.secret, self.domain.p)
            self.shared = value.to_bytes(self.domain.field_length, "big")
        return ResponseAPDU(b"\x7c\x00", 0x9000)

    def change_keys(self, keys: Any) -> None:
        self.keys = keys


def dh_key(group: ModpGroup, secret: int, *, order: bool) -> bytes:
    """Encode a Diffie-Hellman key by cryptography: X9.42 where the order is told, PKCS #3 otherwise."""
    value = pow(group.g, secret, group.p)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what documents in circulation hold is on its way out of cryptography
        parameters = dh.DHParameterNumbers(group.p, group.g, group.q if order else None)
        key = dh.DHPublicNumbers(value, parameters).public_key()
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pkcs3_key(group: ModpGroup, secret: int) -> bytes:
    """Encode a key as PKCS #3 has it, by hand: OpenSSL writes X9.42 for the groups it knows."""

    def number(value: int) -> bytes:
        return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    oid = encode(0x06, encode_oid("1.2.840.113549.1.3.1"))
    algorithm = encode(0x30, oid + encode(0x30, number(group.p) + number(group.g)))
    return encode(0x30, algorithm + encode(0x03, b"\0" + number(pow(group.g, secret, group.p))))


def infos_with(spki: bytes, kind: int, number: int | None) -> SecurityInfos:
    key = ChipAuthenticationPublicKey(f"0.4.0.127.0.7.2.2.1.{kind}", spki, None)
    info = (ChipAuthenticationInfo(f"0.4.0.127.0.7.2.2.3.{kind}.{number}", 1, None),) if number else ()
    return SecurityInfos((), chip_public_keys=(key,), chip_authentication=info)


class TestDiffieHellman:
    SECRET = 0x1234567890ABCDEF1234567890ABCDEF

    @pytest.mark.parametrize("number", OIDS)
    @pytest.mark.parametrize("group", MODP_GROUPS, ids=lambda group: group.name)
    @pytest.mark.parametrize("form", ["x9.42", "pkcs3"])
    def test_terminal_and_chip_agree_in_every_group(self, group: ModpGroup, number: int, form: str) -> None:
        spki = dh_key(group, self.SECRET, order=True) if form == "x9.42" else pkcs3_key(group, self.SECRET)
        chosen = key_of(infos_with(spki, 1, number))
        assert (chosen.suite.name, chosen.key.name) == (OIDS[number], group.name)
        chip: Any = KeyHolder(group, self.SECRET)
        agreed = agree_with_chip(chip, chosen)
        assert isinstance(agreed, Agreement)
        assert chip.keys.enc == derive_key(chip.shared, 1, chosen.suite)
        assert chip.keys.mac == derive_key(chip.shared, 2, chosen.suite)
        sent = chip.commands[-1].data
        theirs = find(sent, 0x91) if number == 1 else find(sent, 0x7C, 0x80)
        assert agreed.terminal_key == hashlib.sha1(theirs, usedforsecurity=False).digest()
        # 9303-11 §9.3.1.2: keys of 2048 bits go by extended length, whatever the chip says of it.
        assert chip.commands[-1].is_extended == (group.field_length > 128)

    def test_a_number_of_standardised_parameters_is_enough(self) -> None:
        group = MODP_GROUPS[1]
        oid = encode(0x06, encode_oid("0.4.0.127.0.7.1.2"))
        value = pow(group.g, self.SECRET, group.p)
        key = encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))
        spki = encode(0x30, encode(0x30, oid + bytes.fromhex("020101")) + encode(0x03, b"\0" + key))
        assert key_of(infos_with(spki, 1, 2)).domain is group

    def test_a_group_of_no_name_is_used_where_its_numbers_hold(self) -> None:
        """RFC 3526's 2048-bit group, a safe prime: signed by the issuer, so the issuer's choice."""
        group = explicit_group(RFC_3526_14, 2, None)
        assert (group.parameter_id, group.name) == (None, "modp-2048-explicit")
        spki = pkcs3_key(group, self.SECRET)
        chip: Any = KeyHolder(group, self.SECRET)
        chosen = key_of(infos_with(spki, 1, 4))
        assert isinstance(agree_with_chip(chip, chosen), Agreement)
        assert chip.keys.enc == derive_key(chip.shared, 1, chosen.suite)

    @pytest.mark.parametrize(
        ("p", "g", "q"),
        [
            (RFC_3526_14 + 2, 2, None),
            (RFC_3526_14 - 1, 2, None),
            (RFC_3526_14, 1, None),
            (RFC_3526_14, RFC_3526_14 - 1, None),
            (RFC_3526_14, 2, 11),
            (RFC_3526_14, 2, (RFC_3526_14 - 1) // 2 - 2),
            (MODP_GROUPS[0].p, MODP_GROUPS[0].g, MODP_GROUPS[1].q),
            (MODP_GROUPS[0].p, MODP_GROUPS[0].g + 1, MODP_GROUPS[0].q),
            ((1 << 521) - 1, 3, None),
        ],
    )
    def test_numbers_that_are_no_group_are_refused(self, p: int, g: int, q: int | None) -> None:
        with pytest.raises(DataError):
            explicit_group(p, g, q)

    @pytest.mark.parametrize("value", ["0", "1", "p-1", "p", "outside"])
    def test_a_static_value_outside_the_subgroup_is_refused(self, value: str) -> None:
        group = MODP_GROUPS[0]
        outside = next(number for number in range(2, 50) if pow(number, group.q, group.p) != 1)
        numbers = {"0": 0, "1": 1, "p-1": group.p - 1, "p": group.p, "outside": outside}
        good = dh_key(group, self.SECRET, order=True)
        number = numbers[value]
        key = encode(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
        algorithm = next(iter(parse(good).children()))
        spki = encode(0x30, encode(0x30, algorithm.value) + encode(0x03, b"\0" + key))
        verdict = choose_chip_key(infos_with(spki, 1, 2))
        assert isinstance(verdict, Verdict)
        assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChipReason.KEY_REFUSED)

    def test_a_curve_comes_before_a_modp_group_of_the_same_cipher(self, open_card: Open) -> None:
        infos = infos_of(open_card())
        other = infos_with(dh_key(MODP_GROUPS[2], self.SECRET, order=True), 1, 2)
        both = replace(
            infos,
            chip_public_keys=(
                replace(other.chip_public_keys[0], key_id=7),
                replace(infos.chip_public_keys[0], key_id=8),
            ),
            chip_authentication=(
                replace(other.chip_authentication[0], key_id=7),
                replace(infos.chip_authentication[0], key_id=8),
            ),
        )
        chosen = key_of(both)
        assert (chosen.key_id, chosen.describe()["protocol"]) == (8, "CA-ECDH-AES_128")

    @given(raw=st.binary(max_size=300))
    def test_any_bytes_are_a_key_or_a_data_error(self, raw: bytes) -> None:
        with pytest.raises(DataError):
            parse_dh_spki(raw)


class TestEveryCipherOnCurves:
    @pytest.mark.parametrize("number", OIDS)
    @pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
    def test_terminal_and_chip_agree(self, curve: Curve, number: int) -> None:
        secret = 0x1234567890ABCDEF % curve.n
        chosen = ChipKey(
            EcPublicKey(curve, multiply(curve, secret, generator(curve))),
            CipherSuite[OIDS[number]],
            f"0.4.0.127.0.7.2.2.3.2.{number}",
            None,
        )
        chip: Any = KeyHolder(curve, secret)
        agreed = agree_with_chip(chip, chosen)
        assert isinstance(agreed, Agreement)
        assert chip.keys.enc == derive_key(chip.shared, 1, chosen.suite)
        assert len(chip.shared) == len(agreed.terminal_key) == curve.field_length
        assert [command.p2 for command in chip.commands] == ([0xA6] if number == 1 else [0xA4, 0x00])


class TestWithoutInfo:
    """CH-11: DG14 has a key and does not say for which protocol."""

    @pytest.mark.parametrize("number", [1, 2, 3, 4])
    def test_3des_is_asked_for_first_and_aes_where_the_chip_refuses_that(self, open_card: Open, number: int) -> None:
        infos = replace(infos_of(open_card()), chip_authentication=())
        chosen = key_of(infos)
        assert chosen.inferred
        curve, secret = chosen.domain, 4711
        assert isinstance(curve, Curve)
        mine = replace(chosen, key=EcPublicKey(curve, multiply(curve, secret, generator(curve))))
        chip: Any = KeyHolder(curve, secret, has_set_kat=False, oid=f"0.4.0.127.0.7.2.2.3.2.{number}")
        agreed = agree_with_chip(chip, mine)
        assert isinstance(agreed, Agreement)
        assert agreed.key.suite.name == OIDS[number]
        assert chip.keys.suite is agreed.key.suite
        # One MSE:Set KAT, then one question for each cipher up to the chip's, then the key itself.
        assert len(chip.commands) == 1 + number + 1
        assert [note.code for note in confirmed(agreed.key, "x").notes] == ["protocol-inferred"]

    def test_a_named_protocol_is_not_bargained_about(self, open_card: Open) -> None:
        """CH-09: what DG14 offers and the chip refuses is a failure, whatever else the chip might take."""
        chosen = key_of(infos_of(open_card()))
        curve = chosen.domain
        chip: Any = KeyHolder(curve, 1, oid="0.4.0.127.0.7.2.2.3.2.4")
        verdict = agree_with_chip(chip, chosen)
        assert isinstance(verdict, Verdict)
        assert verdict.reason == ChipReason.REFUSED
        assert len(chip.commands) == 1
