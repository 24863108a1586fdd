"""PACE beyond the generic mapping on curves: Diffie-Hellman, integrated and chip-authentication mapping."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.access import (
    ChipMapping,
    PaceOffer,
    SecureMessaging,
    establish_pace,
    mapping_key_of,
    rank_offers,
    verify_chip_mapping,
)
from reader.access.chip_mapping import open_chip_data
from reader.access.integrated_mapping import chip_nonce_length, map_to_curve, map_to_subgroup, pseudo_random
from reader.crypto import (
    CURVES,
    MODP_GROUPS,
    CipherSuite,
    Curve,
    ModpGroup,
    curve_by_name,
    encrypt_block,
    encrypt_cbc,
    is_on_curve,
    pad,
)
from reader.errors import AccessFailed, DataError
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find
from reader.lds import parse_security_infos
from reader.trust import EcPublicKey

BP256 = curve_by_name("brainpoolP256r1")
every_suite = pytest.mark.parametrize("suite", [1, 2, 3, 4], ids=["3DES", "AES-128", "AES-192", "AES-256"])
every_aes = pytest.mark.parametrize("suite", [2, 3, 4], ids=["AES-128", "AES-192", "AES-256"])
every_group = pytest.mark.parametrize("group", MODP_GROUPS, ids=lambda group: group.name)
every_curve = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
mappable = [curve for curve in CURVES if curve.name != "secp224r1"]


def offer_of(cards: SimpleNamespace, mapping: int, suite: int, parameter_id: int) -> PaceOffer:
    infos = parse_security_infos(cards.card_access(cards.pace_info(suite, parameter_id, mapping)))
    (offer,) = rank_offers(infos.pace)
    return offer


def open_by(cards: SimpleNamespace, mapping: int, suite: int, parameter_id: int) -> SimpleNamespace:
    chip = cards.CardSide(party=cards.own_party(parameter_id=parameter_id))
    result = establish_pace(chip, cards.CAN, offer_of(cards, mapping, suite, parameter_id))
    assert (result.keys.enc, result.keys.mac) == (chip.party.keys.enc, chip.party.keys.mac)
    assert SecureMessaging(chip, result.keys).transmit(CommandAPDU(0, 0xA4, 2, 12, b"\1\1")).sw == 0x9000
    return SimpleNamespace(chip=chip, result=result)


class TestDiffieHellman:
    @every_suite
    @every_group
    @pytest.mark.parametrize("mapping", [1, 3], ids=["generic", "integrated"])
    def test_terminal_and_chip_agree_in_every_group(
        self, cards: SimpleNamespace, mapping: int, suite: int, group: ModpGroup
    ) -> None:
        opened = open_by(cards, mapping, suite, group.parameter_id)
        assert opened.chip.log[:5] == ["mse", "ga1", "ga2", "ga3", "ga4"]
        assert opened.result.chip_mapping is None

    # 9303-11 §9.3.1.2: only keys that do not fit a short command make it an extended one.
    def test_only_keys_of_2048_bits_take_extended_length(self, cards: SimpleNamespace) -> None:
        sent = {number: open_by(cards, 1, 2, number).chip.commands for number in (0, 1)}
        assert [command.is_extended for command in sent[0][:5]] == [False] * 5
        assert [command.is_extended for command in sent[1][:5]] == [False, False, True, True, False]
        assert sent[1][2].ne == 65536

    # AC-14
    @every_group
    @pytest.mark.parametrize(("step", "tag"), [("ga2", 0x82), ("ga3", 0x84)])
    @pytest.mark.parametrize("kind", ["0", "1", "p-1", "p", "p+g", "outside", "too long", "empty"])
    def test_a_value_outside_the_subgroup_fails_and_stops(
        self, cards: SimpleNamespace, group: ModpGroup, step: str, tag: int, kind: str
    ) -> None:
        size = group.field_length
        outside = next(value for value in range(2, 50) if pow(value, group.q, group.p) != 1)
        numbers = {"0": 0, "1": 1, "p-1": group.p - 1, "p": group.p, "p+g": group.p + group.g, "outside": outside}
        raw = {"too long": b"\0" + group.g.to_bytes(size, "big"), "empty": b""}.get(kind)
        if raw is None:
            raw = numbers[kind].to_bytes(size + 1, "big").removeprefix(b"\0")
        chip = cards.CardSide(party=cards.own_party(parameter_id=group.parameter_id))
        bad = ResponseAPDU(encode(0x7C, encode(tag, raw)), 0x9000)
        chip.fault = lambda at, response: bad if at == step else response
        with pytest.raises(AccessFailed):
            establish_pace(chip, cards.CAN, offer_of(cards, 1, 2, group.parameter_id))
        assert chip.log[-1] == step

    # AC-13
    @pytest.mark.parametrize(("step", "sent", "answered"), [("ga2", 0x81, 0x82), ("ga3", 0x83, 0x84)])
    def test_our_own_value_sent_back_fails_and_stops(
        self, cards: SimpleNamespace, step: str, sent: int, answered: int
    ) -> None:
        chip = cards.CardSide(party=cards.own_party(parameter_id=0))

        def echo(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at != step:
                return response
            return ResponseAPDU(encode(0x7C, encode(answered, find(chip.commands[-1].data, 0x7C, sent))), 0x9000)

        chip.fault = echo
        with pytest.raises(AccessFailed, match="our own"):
            establish_pace(chip, cards.CAN, offer_of(cards, 1, 2, 0))
        assert chip.log[-1] == step

    # AC-15: the chip chooses its mapping key so that s·G + H is the neutral element.
    def test_a_generator_mapped_to_the_neutral_element_fails_and_stops(self, cards: SimpleNamespace) -> None:
        group, terminal, nonce = MODP_GROUPS[0], 7, 11
        evil = pow(group.g, -nonce * pow(terminal, -1, group.q) % group.q, group.p)
        offer = offer_of(cards, 1, 2, 0)
        made = cards.OwnParty(offer.info.oid, 0, cards.CAN)
        made.nonce = nonce.to_bytes(16, "big")
        chip = cards.CardSide(party=lambda oid, reference, named: made)
        answer = ResponseAPDU(encode(0x7C, encode(0x82, evil.to_bytes(128, "big"))), 0x9000)
        chip.fault = lambda at, response: answer if at == "ga2" else response
        with pytest.raises(AccessFailed, match="neutral"):
            establish_pace(chip, cards.CAN, offer, rng=lambda count: terminal.to_bytes(count, "big"))
        assert chip.log[-1] == "ga2"

    # AC-18: values one byte short are sent and taken minimal; AC-17: the secret keeps its length.
    def test_values_with_a_leading_zero_are_minimal_and_agree(self, cards: SimpleNamespace) -> None:
        group, offer = MODP_GROUPS[0], offer_of(cards, 1, 2, 0)
        short = next(x for x in range(1, 5000) if pow(group.g, x, group.p).bit_length() <= 8 * 127)
        made = cards.OwnParty(offer.info.oid, 0, cards.CAN, scalars=[short])
        chip = cards.CardSide(party=lambda oid, reference, named: made)
        assert len(made.group.encode(pow(group.g, short, group.p))) == 127
        result = establish_pace(chip, cards.CAN, offer)
        assert result.keys.enc == made.keys.enc

        made = cards.OwnParty(offer.info.oid, 0, cards.CAN)
        chip = cards.CardSide(party=lambda oid, reference, named: made)
        draws = iter([short, 99])
        result = establish_pace(chip, cards.CAN, offer, rng=lambda count: next(draws).to_bytes(count, "big"))
        assert len(find(chip.commands[2].data, 0x7C, 0x81)) == 127
        assert result.keys.enc == made.keys.enc
        assert len(made.shared) == group.field_length


class TestIntegratedMapping:
    @every_suite
    @pytest.mark.parametrize("curve", mappable, ids=lambda curve: curve.name)
    def test_terminal_and_chip_agree_on_every_curve_it_is_defined_on(
        self, cards: SimpleNamespace, suite: int, curve: Curve
    ) -> None:
        assert curve.parameter_id is not None
        open_by(cards, 4, suite, curve.parameter_id)

    @pytest.mark.parametrize("answer", [b"", encode(0x82, b"")], ids=["nothing", "empty object"])
    def test_the_chip_sends_no_mapping_data(self, cards: SimpleNamespace, answer: bytes) -> None:
        chip = cards.CardSide(party=cards.own_party())
        empty = ResponseAPDU(encode(0x7C, answer), 0x9000)
        chip.fault = lambda at, response: empty if at == "ga2" else response
        assert establish_pace(chip, cards.CAN, offer_of(cards, 4, 2, 13)).keys.enc == chip.party.keys.enc

    @pytest.mark.parametrize("answer", [encode(0x82, b"\1"), encode(0x81, b""), encode(0x82, b"") * 2])
    def test_other_mapping_data_fails_and_stops(self, cards: SimpleNamespace, answer: bytes) -> None:
        chip = cards.CardSide(party=cards.own_party())
        wrong = ResponseAPDU(encode(0x7C, answer), 0x9000)
        chip.fault = lambda at, response: wrong if at == "ga2" else response
        with pytest.raises(AccessFailed):
            establish_pace(chip, cards.CAN, offer_of(cards, 4, 2, 13))
        assert chip.log[-1] == "ga2"

    @pytest.mark.parametrize(("suite", "length"), [(2, 32), (3, 16), (4, 16), (4, 48)])
    def test_a_nonce_of_another_length_fails_and_stops(self, cards: SimpleNamespace, suite: int, length: int) -> None:
        chip = cards.CardSide(party=cards.own_party())
        wrong = ResponseAPDU(encode(0x7C, encode(0x80, bytes(length))), 0x9000)
        chip.fault = lambda at, response: wrong if at == "ga1" else response
        with pytest.raises(AccessFailed, match="nonce"):
            establish_pace(chip, cards.CAN, offer_of(cards, 4, suite, 13))
        assert chip.log[-1] == "ga1"

    @given(
        suite=st.sampled_from(CipherSuite), curve=st.sampled_from(mappable), seed=st.binary(min_size=64, max_size=64)
    )
    def test_whatever_the_nonces_a_point_of_the_curve_comes_out(
        self, suite: CipherSuite, curve: Curve, seed: bytes
    ) -> None:
        s, t = seed[: chip_nonce_length(suite)], seed[-suite.key_length :]
        number = pseudo_random(suite, s, t, curve.p)
        assert 0 <= number < curve.p
        assert is_on_curve(curve, map_to_curve(curve, number))

    @pytest.mark.parametrize("curve", mappable, ids=lambda curve: curve.name)
    def test_numbers_the_encoding_is_not_defined_for_are_refused(self, curve: Curve) -> None:
        for number in (0, 1, curve.p - 1):
            with pytest.raises(DataError):
                map_to_curve(curve, number)

    @every_group
    def test_a_number_that_generates_nothing_is_refused(self, group: ModpGroup) -> None:
        small = pow(2, group.q, group.p)
        for number in (0, 1, group.p - 1, group.p, small):
            with pytest.raises(DataError):
                map_to_subgroup(group, number)
        assert group.contains(map_to_subgroup(group, 3))


def with_proof(change: Callable[[bytes], bytes]) -> Callable[[str, ResponseAPDU], ResponseAPDU]:
    """Change object 8A of the last answer; an empty one is left out."""

    def fault(step: str, response: ResponseAPDU) -> ResponseAPDU:
        if step != "ga4":
            return response
        token, proof = find(response.data, 0x7C, 0x86), change(find(response.data, 0x7C, 0x8A))
        extra = encode(0x8A, proof) if proof else b""
        return ResponseAPDU(encode(0x7C, encode(0x86, token) + extra), 0x9000)

    return fault


class TestChipAuthenticationMapping:
    @every_aes
    @every_curve
    def test_the_chip_is_proven_on_every_curve_by_its_own_key_only(
        self, cards: SimpleNamespace, suite: int, curve: Curve
    ) -> None:
        assert curve.parameter_id is not None
        opened = open_by(cards, 6, suite, curve.parameter_id)
        mapping, key = opened.result.chip_mapping, opened.chip.party.static_key()
        assert verify_chip_mapping(mapping, key)
        # CH-13: another key, other data.
        opened.chip.party.static += 1
        assert not verify_chip_mapping(mapping, opened.chip.party.static_key())
        assert not verify_chip_mapping(dataclasses.replace(mapping, data=mapping.data ^ 1), key)

    def test_a_key_on_another_curve_proves_nothing(self, cards: SimpleNamespace) -> None:
        mapping = open_by(cards, 6, 2, 13).result.chip_mapping
        other = open_by(cards, 6, 2, 12).chip.party.static_key()
        assert not verify_chip_mapping(mapping, other)

    # CH-16
    @pytest.mark.parametrize(
        "change",
        [
            lambda proof: b"",
            lambda proof: proof[:-1],
            lambda proof: proof[:-16],
            lambda proof: proof + bytes(16),
            lambda proof: proof[:-1] + bytes((proof[-1] ^ 1,)),
            lambda proof: bytes(272),
        ],
        ids=["none", "no blocks", "cut", "longer", "changed", "too long"],
    )
    def test_chip_data_that_is_not_whole_fails_and_stops(
        self, cards: SimpleNamespace, change: Callable[[bytes], bytes]
    ) -> None:
        chip = cards.CardSide(party=cards.own_party(), fault=with_proof(change))
        with pytest.raises(AccessFailed, match="chip authentication data"):
            establish_pace(chip, cards.CAN, offer_of(cards, 6, 2, 13))

    @pytest.mark.parametrize(
        "plain", [b"", bytes(32), BP256.n.to_bytes(32, "big"), bytes(30) + b"\1", bytes(32) + b"\1"]
    )
    def test_chip_data_that_is_no_number_of_the_group_is_refused(self, plain: bytes) -> None:
        key = bytes(range(16))
        iv = encrypt_block(CipherSuite.AES_128, key, b"\xff" * 16)
        encrypted = encrypt_cbc(CipherSuite.AES_128, key, iv, pad(plain, 16))
        with pytest.raises(DataError):
            open_chip_data(CipherSuite.AES_128, key, BP256, encrypted)

    def test_nothing_shows_what_the_chip_sent(self, cards: SimpleNamespace) -> None:
        result = open_by(cards, 6, 2, 13).result
        assert f"{result.chip_mapping.data:x}" not in repr(result)
        assert str(result.chip_mapping.data) not in repr(result)


def key_info(number: int | None, parameters: bytes, point: bytes) -> bytes:
    """Encode one ChipAuthenticationPublicKeyInfo, its curve by number (ICAO 9303-11 §9.2.6, §9.5.1)."""
    algorithm = encode(0x30, encode(0x06, bytes.fromhex("04007F00070102")) + parameters)
    spki = encode(0x30, algorithm + encode(0x03, b"\0" + point))
    identifier = encode(0x02, bytes((number,))) if number is not None else b""
    return encode(0x30, encode(0x06, bytes.fromhex("04007F000702020102")) + spki + identifier)


class TestKeyOfTheMapping:
    MAPPING = ChipMapping(BP256, 13, b"", 1)
    POINT = b"\x04" + BP256.gx.to_bytes(32, "big") + BP256.gy.to_bytes(32, "big")
    GOOD = key_info(13, b"\x02\x01\x0d", POINT)

    def choose(self, *infos: bytes) -> EcPublicKey:
        return mapping_key_of(parse_security_infos(encode(0x31, b"".join(infos))), self.MAPPING)

    def test_the_key_with_the_id_of_the_parameters_is_taken(self) -> None:
        other = key_info(12, b"\x02\x01\x0d", self.POINT)
        key = self.choose(other, self.GOOD)
        assert (key.curve, key.point.x) == (BP256, BP256.gx)

    @pytest.mark.parametrize(
        "infos",
        [
            (),
            (key_info(12, b"\x02\x01\x0d", POINT),),
            (key_info(None, b"\x02\x01\x0d", POINT),),
            (GOOD, key_info(13, b"\x02\x01\x0d", POINT[:33] + POINT[33:])),
            (key_info(13, b"\x02\x01\x0c", POINT),),
            (key_info(13, b"\x02\x01\x02", POINT),),
            (key_info(13, b"\x02\x01\x0d", POINT[:-1]),),
            (key_info(13, b"\x05\x00", POINT),),
        ],
        ids=range(8),
    )
    def test_no_key_two_keys_or_an_unfit_one_are_refused(self, infos: tuple[bytes, ...]) -> None:
        with pytest.raises(DataError):
            self.choose(*infos)
