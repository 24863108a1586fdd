from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.access import (
    Can,
    Mapping,
    PaceOffer,
    SecureMessaging,
    are_parameters_ambiguous,
    encode_oid,
    establish_pace,
    rank_offers,
    refused_offers,
)
from reader.crypto import CURVES, CipherSuite, add, curve_by_name, encode_point, generator, multiply
from reader.errors import AccessFailed, DataError, WrongPassword
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find
from reader.lds import parse_security_infos

BP256 = curve_by_name("brainpoolP256r1")


def offer_of(cards: SimpleNamespace, suite: int = 2, parameter_id: int = 13) -> PaceOffer:
    infos = parse_security_infos(cards.card_access(cards.pace_info(suite, parameter_id)))
    return rank_offers(infos.pace)[0]


def chip_of(cards: SimpleNamespace, fault: Callable[[str, ResponseAPDU], ResponseAPDU] | None = None, **more: object):
    return cards.CardSide(party=cards.own_party(**more), fault=fault)


def at(wanted: str, change: Callable[[ResponseAPDU], ResponseAPDU]):
    return lambda step, response: change(response) if step == wanted else response


def status(sw: int) -> Callable[[ResponseAPDU], ResponseAPDU]:
    return lambda response: ResponseAPDU(b"", sw)


class TestOffers:
    def test_the_strongest_cipher_then_the_largest_curve_comes_first(self, cards: SimpleNamespace) -> None:
        rows = [(1, 17), (2, 13), (4, 12), (2, 16), (4, 13), (3, 18)]
        infos = parse_security_infos(cards.card_access(*(cards.pace_info(*row) for row in rows)))
        ranked = [(int(offer.info.oid[-1]), offer.info.parameter_id) for offer in rank_offers(infos.pace)]
        assert ranked == [(4, 12), (4, 13), (3, 18), (2, 16), (2, 13), (1, 17)]

    def test_an_offer_is_read_into_its_parts(self, cards: SimpleNamespace) -> None:
        offer = offer_of(cards, 3, 17)
        assert (offer.mapping, offer.suite, offer.domain.name) == (
            Mapping.GENERIC,
            CipherSuite.AES_192,
            "brainpoolP512r1",
        )

    # AC-12: parameters that the chip brings itself are never used; nor is what this reader does not perform.
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ({"parameter_id": None}, "explicit-parameters"),
            ({"parameter_id": 32}, "explicit-parameters"),
            ({"parameter_id": 3}, "unknown-parameters"),
            ({"parameter_id": 19}, "unknown-parameters"),
            ({"parameter_id": 2}, "parameters-do-not-fit"),
            ({"mapping": 1}, "parameters-do-not-fit"),
            ({"mapping": 3}, "parameters-do-not-fit"),
            ({"mapping": 6, "parameter_id": 0}, "parameters-do-not-fit"),
            # 9303-11 table 12: secp224r1 cannot be used with integrated mapping.
            ({"mapping": 4, "parameter_id": 10}, "parameters-do-not-fit"),
            ({"mapping": 5}, "unknown-protocol"),
            ({"mapping": 6, "suite": 1}, "unknown-protocol"),
            ({"suite": 5}, "unknown-protocol"),
            ({"version": 1}, "unknown-version"),
        ],
    )
    def test_what_cannot_be_performed_is_left_out_with_the_reason(
        self, cards: SimpleNamespace, row: dict[str, int], reason: str
    ) -> None:
        infos = parse_security_infos(cards.card_access(cards.pace_info(**row)))
        assert infos.pace
        assert rank_offers(infos.pace) == ()
        assert refused_offers(infos) == (reason,)

    def test_offers_of_every_kind_are_ranked_together(self, cards: SimpleNamespace) -> None:
        # (mapping, suite, parameters): cipher, then size of the group, a curve before MODP, CAM before GM before IM.
        rows = [(3, 4, 2), (4, 2, 13), (2, 2, 13), (1, 2, 0), (6, 2, 13), (1, 2, 1), (2, 2, 10), (1, 2, 2), (2, 3, 13)]
        infos = parse_security_infos(cards.card_access(*(cards.pace_info(s, p, m) for m, s, p in rows)))
        ranked = [(int(o.info.oid[-3]), int(o.info.oid[-1]), o.info.parameter_id) for o in rank_offers(infos.pace)]
        assert ranked == [
            (3, 4, 2),
            (2, 3, 13),
            (6, 2, 13),
            (2, 2, 13),
            (4, 2, 13),
            (1, 2, 2),
            (2, 2, 10),
            (1, 2, 1),
            (1, 2, 0),
        ]
        assert refused_offers(infos) == ()

    def test_two_sets_of_parameters_are_ambiguous(self, cards: SimpleNamespace) -> None:
        def ambiguous(*infos: bytes) -> bool:
            return are_parameters_ambiguous(parse_security_infos(cards.card_access(*infos)))

        one, other, same = cards.pace_info(2, 13), cards.pace_info(2, 12), cards.pace_info(4, 13)
        explicit = encode(0x30, encode(0x06, encode_oid("0.4.0.127.0.7.2.2.4.2")) + encode(0x30, b""))
        assert not ambiguous(one)
        assert not ambiguous(one, same)
        assert ambiguous(one, other)
        assert ambiguous(one, explicit)


@pytest.mark.parametrize("suite", [1, 2, 3, 4])
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_terminal_and_chip_agree_on_every_curve(cards: SimpleNamespace, suite: int, curve: object) -> None:
    chip = chip_of(cards, parameter_id=curve.parameter_id)
    result = establish_pace(chip, cards.CAN, offer_of(cards, suite, curve.parameter_id))
    assert (result.keys.enc, result.keys.mac) == (chip.party.keys.enc, chip.party.keys.mac)
    assert SecureMessaging(chip, result.keys).transmit(CommandAPDU(0, 0xA4, 2, 12, b"\1\1")).sw == 0x9000


# AC-17: the shared x-coordinate keeps its leading zeros (F3: without them PACE fails once in 256 runs, or every other).
@pytest.mark.parametrize(
    ("name", "zeros"), [("brainpoolP256r1", 1), ("brainpoolP256r1", 2), ("secp521r1", 1), ("secp521r1", 2)]
)
def test_a_shared_secret_with_leading_zeros_agrees(cards: SimpleNamespace, name: str, zeros: int) -> None:
    curve = curve_by_name(name)
    offer = offer_of(cards, 2, curve.parameter_id)
    # Nonce 1 and mapping keys 2 and 3 make the generator 7·G; agreement keys s and 7 then make the secret 49s·G.
    step = multiply(curve, 49, generator(curve))
    shared, scalar = step, 1
    while shared.x >= 1 << 8 * (curve.field_length - zeros):
        shared, scalar = add(curve, shared, step), scalar + 1
    made = cards.OwnParty(offer.info.oid, curve.parameter_id, cards.CAN, scalars=[2, scalar])
    made.nonce = bytes(15) + b"\1"
    chip = cards.CardSide(party=lambda oid, reference, named: made)
    draws = iter([3, 7])
    result = establish_pace(chip, cards.CAN, offer, rng=lambda count: next(draws).to_bytes(count, "big"))
    assert made.shared[:zeros] == bytes(zeros)
    assert len(made.shared) == curve.field_length
    assert result.keys.enc == made.keys.enc


class TestTemplate:
    # AC-10: the only parameters are not named.
    def test_unambiguous_parameters_are_not_named(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        result = establish_pace(chip, cards.CAN, offer_of(cards))
        assert [sorted(template) for template in chip.templates] == [[0x80, 0x83]]
        assert not result.wanted_reference

    # AC-09
    def test_ambiguous_parameters_are_named(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, parameter_id=12)
        establish_pace(chip, cards.CAN, offer_of(cards, 2, 13), ambiguous=True)
        assert [template[0x84] for template in chip.templates] == [b"\x0d"]

    # AC-11
    @pytest.mark.parametrize("sw", [0x6A87, 0x6A80, 0x6A88])
    def test_a_chip_that_wants_its_only_parameters_named_gets_them(self, cards: SimpleNamespace, sw: int) -> None:
        chip = chip_of(cards)
        chip.fault = lambda step, response: (
            ResponseAPDU(b"", sw) if step == "mse" and 0x84 not in chip.templates[-1] else response
        )
        result = establish_pace(chip, cards.CAN, offer_of(cards))
        assert [sorted(template) for template in chip.templates] == [[0x80, 0x83], [0x80, 0x83, 0x84]]
        assert result.wanted_reference

    @pytest.mark.parametrize("sw", [0x6A87, 0x6A80, 0x6A88])
    def test_the_template_is_sent_again_once_only(self, cards: SimpleNamespace, sw: int) -> None:
        for ambiguous, sent in ((False, 2), (True, 1)):
            chip = chip_of(cards, at("mse", status(sw)))
            with pytest.raises(AccessFailed) as caught:
                establish_pace(chip, cards.CAN, offer_of(cards), ambiguous=ambiguous)
            assert (caught.value.step, caught.value.sw) == ("pace set at", sw)
            assert len(chip.templates) == sent

    # AC-01 in part; SM-08: 6300, 6400, 6A00 are no success here either.
    @pytest.mark.parametrize("sw", [0x6FFF, 0x6300, 0x6982, 0x6400, 0x6700, 0x6A00, 0x6D00])
    def test_a_refused_template_fails(self, cards: SimpleNamespace, sw: int) -> None:
        chip = chip_of(cards, at("mse", status(sw)))
        with pytest.raises(AccessFailed) as caught:
            establish_pace(chip, cards.CAN, offer_of(cards))
        assert type(caught.value) is AccessFailed
        assert chip.log == ["mse"]

    def test_a_count_of_tries_is_no_refusal(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, at("mse", status(0x63C2)))
        assert establish_pace(chip, cards.CAN, offer_of(cards)).keys

    def test_no_tries_left_stops_before_another_is_made(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, at("mse", status(0x63C0)))
        with pytest.raises(WrongPassword) as caught:
            establish_pace(chip, cards.CAN, offer_of(cards))
        assert caught.value.tries_left == 0
        assert chip.log == ["mse"]


class TestWrongPassword:
    def test_another_can_is_a_wrong_password(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        with pytest.raises(WrongPassword) as caught:
            establish_pace(chip, Can("999999"), offer_of(cards))
        assert (caught.value.sw, caught.value.tries_left) == (0x6300, None)
        assert chip.log == ["mse", "ga1", "ga2", "ga3", "ga4"]

    # AC-19
    @pytest.mark.parametrize(("sw", "tries"), [(0x63C2, 2), (0x63C1, 1), (0x63C0, 0), (0x6300, None)])
    def test_tries_left_are_told_and_nothing_is_tried_again(
        self, cards: SimpleNamespace, sw: int, tries: int | None
    ) -> None:
        chip = chip_of(cards, at("ga4", status(sw)))
        with pytest.raises(WrongPassword) as caught:
            establish_pace(chip, cards.CAN, offer_of(cards))
        assert (caught.value.sw, caught.value.tries_left) == (sw, tries)
        assert chip.log.count("mse") == 1

    # AC-16
    def test_a_wrong_chip_token_is_a_wrong_password_or_a_wrong_chip(self, cards: SimpleNamespace) -> None:
        wrong = ResponseAPDU(encode(0x7C, encode(0x86, bytes(8))), 0x9000)
        with pytest.raises(WrongPassword, match="chip token"):
            establish_pace(chip_of(cards, at("ga4", lambda response: wrong)), cards.CAN, offer_of(cards))

    def test_our_own_token_sent_back_is_refused(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        chip.fault = at(
            "ga4",
            lambda response: ResponseAPDU(encode(0x7C, encode(0x86, find(chip.commands[-1].data, 0x7C, 0x85))), 0x9000),
        )
        with pytest.raises(WrongPassword):
            establish_pace(chip, cards.CAN, offer_of(cards))

    @pytest.mark.parametrize("sw", [0x6F00, 0x6983, 0x6700, 0x6400])
    def test_other_trouble_with_the_token_is_not_the_password(self, cards: SimpleNamespace, sw: int) -> None:
        with pytest.raises(AccessFailed) as caught:
            establish_pace(chip_of(cards, at("ga4", status(sw))), cards.CAN, offer_of(cards))
        assert type(caught.value) is AccessFailed


@pytest.mark.parametrize("step", ["ga1", "ga2", "ga3"])
@pytest.mark.parametrize("sw", [0x6FFF, 0x6300, 0x6982, 0x6A80, 0x6A88, 0x6700])
def test_a_refused_exchange_fails_and_stops(cards: SimpleNamespace, step: str, sw: int) -> None:
    chip = chip_of(cards, at(step, status(sw)))
    with pytest.raises(AccessFailed) as caught:
        establish_pace(chip, cards.CAN, offer_of(cards))
    assert (type(caught.value), caught.value.sw) == (AccessFailed, sw)
    assert chip.log[-1] == step


# AC-13
@pytest.mark.parametrize(("step", "sent", "answered"), [("ga2", 0x81, 0x82), ("ga3", 0x83, 0x84)])
def test_our_own_key_sent_back_fails_and_stops(cards: SimpleNamespace, step: str, sent: int, answered: int) -> None:
    chip = chip_of(cards)

    def echo(response: ResponseAPDU) -> ResponseAPDU:
        own = find(chip.commands[-1].data, 0x7C, sent)
        return ResponseAPDU(encode(0x7C, encode(answered, own)), 0x9000)

    chip.fault = at(step, echo)
    with pytest.raises(AccessFailed, match="our own"):
        establish_pace(chip, cards.CAN, offer_of(cards))
    assert chip.log[-1] == step


# AC-14
POINT = encode_point(BP256, generator(BP256))
BAD_POINTS = [
    b"",
    b"\x00",
    b"\x02" + POINT[1:33],
    b"\x06" + POINT[1:],
    POINT[:-1],
    POINT + b"\0",
    POINT[:-1] + bytes((POINT[-1] ^ 1,)),
    b"\x04" + bytes(64),
    b"\x04" + b"\xff" * 64,
]


@pytest.mark.parametrize(("step", "tag"), [("ga2", 0x82), ("ga3", 0x84)])
@pytest.mark.parametrize("raw", BAD_POINTS, ids=range(len(BAD_POINTS)))
def test_a_key_that_is_no_point_fails_and_stops(cards: SimpleNamespace, step: str, tag: int, raw: bytes) -> None:
    bad = ResponseAPDU(encode(0x7C, encode(tag, raw)), 0x9000)
    chip = chip_of(cards, at(step, lambda response: bad))
    with pytest.raises(AccessFailed):
        establish_pace(chip, cards.CAN, offer_of(cards))
    assert chip.log[-1] == step


# AC-15: with mapping key -s·G / k the chip can bring the generator to infinity, if it knows the nonce: it chose it.
def test_a_generator_mapped_to_infinity_fails_and_stops(cards: SimpleNamespace) -> None:
    terminal, nonce = 7, 11
    chip_key = -nonce * pow(terminal, -1, BP256.n) % BP256.n
    evil = encode_point(BP256, multiply(BP256, chip_key, generator(BP256)))
    made = cards.OwnParty(offer_of(cards).info.oid, 13, cards.CAN)
    made.nonce = nonce.to_bytes(16, "big")
    chip = cards.CardSide(party=lambda oid, reference, named: made)
    chip.fault = at("ga2", lambda response: ResponseAPDU(encode(0x7C, encode(0x82, evil)), 0x9000))
    with pytest.raises(AccessFailed, match="infinity"):
        establish_pace(chip, cards.CAN, offer_of(cards), rng=lambda count: terminal.to_bytes(count, "big"))
    assert chip.log[-1] == "ga2"


@pytest.mark.parametrize("step", ["ga1", "ga2", "ga3", "ga4"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x7c\x00",
        b"\x7c\x80",
        b"\x7c\x82\xff\xff\x80",
        encode(0x7C, encode(0x80, b"")),
        encode(0x7C, encode(0x80, bytes(15))),
        encode(0x7C, encode(0x80, bytes(80))),
        encode(0x7C, encode(0x80, bytes(16)) * 2),
        encode(0x7D, encode(0x80, bytes(16))),
        encode(0x7C, encode(0x80, bytes(16))) + b"\0",
    ],
    ids=range(10),
)
def test_malformed_answers_fail(cards: SimpleNamespace, step: str, data: bytes) -> None:
    chip = chip_of(cards, at(step, lambda response: ResponseAPDU(data, 0x9000)))
    with pytest.raises(AccessFailed):
        establish_pace(chip, cards.CAN, offer_of(cards))
    assert chip.log[-1] == step


@given(step=st.sampled_from(["ga1", "ga2", "ga3", "ga4"]), data=st.binary(max_size=300))
def test_random_answers_never_open_anything(cards: SimpleNamespace, step: str, data: bytes) -> None:
    chip = chip_of(cards, at(step, lambda response: ResponseAPDU(data, 0x9000)))
    with pytest.raises(AccessFailed):
        establish_pace(chip, cards.CAN, offer_of(cards))


@pytest.mark.parametrize(
    ("dotted", "octets"),
    [
        ("0.4.0.127.0.7.2.2.4.2.2", "04007F00070202040202"),
        ("1.2.840.113549", "2A864886F70D"),
        ("2.23.136.1.1.5", "678108010105"),
        ("2.999", "8837"),
    ],
)
def test_object_identifiers_are_encoded(dotted: str, octets: str) -> None:
    assert encode_oid(dotted) == bytes.fromhex(octets)


@pytest.mark.parametrize("text", ["", "1", "1.x", "3.1", "0.40", "1..2", "-1.2"])
def test_what_is_no_object_identifier_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        encode_oid(text)
