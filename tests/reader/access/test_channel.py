from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from reader.access import (
    AccessProtocol,
    Can,
    MrzKey,
    PaceFailureReason,
    Pin,
    Puk,
    encode_oid,
    open_channel,
    verify_chip_mapping,
)
from reader.errors import (
    AccessFailed,
    CardError,
    CardRemoved,
    CardReset,
    MrzNeeded,
    MuteCard,
    TriesAtRisk,
    UnsupportedCard,
    WrongPassword,
)
from reader.files import ReadOutcome
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode

Fault = Callable[[str, ResponseAPDU], ResponseAPDU]


def status(wanted: str, sw: int) -> Fault:
    return lambda step, response: ResponseAPDU(b"", sw) if step == wanted else response


def chip_of(cards: SimpleNamespace, fault: Fault | None = None, access: bytes | None = b"default", **more: object):
    raw = cards.card_access() if access == b"default" else access
    return cards.CardSide(card_access=raw, party=cards.own_party(**more), mrz=cards.MRZ, fault=fault)


class TestPace:
    def test_pace_opens_and_the_application_is_selected_under_it(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        channel = open_channel(chip, [cards.CAN])
        assert chip.log == ["card-access", "mse", "ga1", "ga2", "ga3", "ga4", "sm"]
        assert channel.protocol is AccessProtocol.PACE
        assert channel.pace is not None
        assert channel.pace.parameter_id == 13
        assert channel.pace_failure is None
        assert channel.card_access.data == chip.card_access
        assert channel.link.is_open

    def test_the_way_to_pace_costs_seven_commands(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        open_channel(chip, [cards.CAN])
        assert len(chip.commands) == 1 + 5 + 1

    # AC-21: the Vietnamese card answers 6D00 to SELECT MF; it is never asked.
    def test_the_master_file_is_never_selected(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        open_channel(chip, [cards.CAN])
        selects = [command for command in chip.commands if command.ins == 0xA4 and not command.cla]
        assert selects == []

    # AC-22: a chip that keeps EF.DIR to itself before access (6982) is opened; it is not even asked for it.
    def test_nothing_but_card_access_is_read_before_access(self, cards: SimpleNamespace) -> None:
        for access in (cards.card_access(), None):
            chip = chip_of(cards, access=access)
            open_channel(chip, [cards.MRZ] if access is None else [cards.CAN])
            plain = [command.header for command in chip.commands if command.ins == 0xB0 and not command.cla]
            assert plain == [b"\x00\xb0\x9c\x00"]

    def test_the_mrz_key_opens_by_pace_too(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, password=cards.MRZ)
        channel = open_channel(chip, [cards.MRZ])
        assert channel.protocol is AccessProtocol.PACE
        assert chip.templates[0][0x83] == b"\x01"

    def test_the_best_of_several_offers_is_taken_and_named(self, cards: SimpleNamespace) -> None:
        access = cards.card_access(cards.pace_info(2, 12), cards.pace_info(4, 13))
        chip = chip_of(cards, access=access, parameter_id=12)
        channel = open_channel(chip, [cards.CAN])
        assert channel.pace is not None
        assert (channel.pace.oid[-1], channel.pace.parameter_id) == ("4", 13)
        assert chip.templates[0][0x84] == b"\x0d"

    # AC-11
    def test_a_chip_that_wants_its_parameters_named_is_noted(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        chip.fault = lambda step, response: (
            ResponseAPDU(b"", 0x6A87) if step == "mse" and 0x84 not in chip.templates[-1] else response
        )
        assert open_channel(chip, [cards.CAN]).wanted_reference

    def test_a_kind_of_password_the_chip_does_not_know_gives_way_to_the_next(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, password=cards.MRZ)
        chip.fault = lambda step, response: (
            ResponseAPDU(b"", 0x6A88) if step == "mse" and chip.templates[-1][0x83] == b"\x02" else response
        )
        assert open_channel(chip, [cards.CAN, cards.MRZ]).password == cards.MRZ

    # AC-19: a wrong password is never tried again, nor is another one, nor another protocol.
    def test_a_wrong_can_ends_the_opening(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        with pytest.raises(WrongPassword):
            open_channel(chip, [Can("111111"), cards.MRZ], allow_bac_after_pace_failure=True, reset=chip.reset)
        assert chip.log.count("mse") == 1
        assert "challenge" not in chip.log
        assert chip.resets == 0

    def test_a_chip_without_the_application_is_unsupported(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards)
        chip.inside = lambda command: ResponseAPDU(b"", 0x6A82)
        with pytest.raises(UnsupportedCard, match="6A82"):
            open_channel(chip, [cards.CAN])


class TestSeveralOffers:
    ACCESS = ((4, 4, 13), (2, 2, 12), (2, 1, 13))  # mapping, cipher, parameters: the best first

    def chip(self, cards: SimpleNamespace, refused: dict[str, int], step: str = "mse") -> object:
        access = cards.card_access(*(cards.pace_info(suite, number, way) for way, suite, number in self.ACCESS))
        chip = chip_of(cards, access=access)

        def fault(at: str, response: ResponseAPDU) -> ResponseAPDU:
            sw = refused.get(chip.templates[-1][0x80][-2:].hex()) if chip.templates else None
            return ResponseAPDU(b"", sw) if sw is not None and at == step else response

        chip.fault = fault
        return chip

    @pytest.mark.parametrize("sw", [0x6A80, 0x6A81, 0x6A88])
    def test_the_next_is_tried_where_the_chip_does_not_perform_the_first(self, cards: SimpleNamespace, sw: int) -> None:
        chip = self.chip(cards, {"0404": sw})
        channel = open_channel(chip, [cards.CAN])
        assert channel.pace is not None
        assert (channel.pace.oid[-3:], channel.pace.parameter_id) == ("2.2", 12)
        assert [template[0x80][-2:].hex() for template in chip.templates] == ["0404", "0202"]
        assert channel.pace_failure is None

    def test_every_offer_is_tried_once_and_the_first_refusal_told(self, cards: SimpleNamespace) -> None:
        chip = self.chip(cards, {"0404": 0x6A81, "0202": 0x6A80, "0201": 0x6A80})
        with pytest.raises(AccessFailed) as caught:
            open_channel(chip, [cards.CAN])
        assert (caught.value.step, caught.value.sw) == ("pace set at", 0x6A81)
        assert len(chip.templates) == 3

    def test_a_password_the_chip_does_not_know_is_replaced_before_the_offer(self, cards: SimpleNamespace) -> None:
        chip = self.chip(cards, {"0404": 0x6A88})
        channel = open_channel(chip, [cards.CAN, cards.MRZ])
        assert [template[0x83] for template in chip.templates] == [b"\2", b"\1", b"\2"]
        assert channel.password == cards.CAN

    # AC-19: what may have cost a try ends the opening, whatever else is offered.
    @pytest.mark.parametrize("sw", [0x6300, 0x63C1, 0x6982, 0x6A80])
    def test_no_other_offer_is_tried_after_the_password_was_judged(self, cards: SimpleNamespace, sw: int) -> None:
        chip = self.chip(cards, {"0404": sw}, "ga4")
        with pytest.raises(WrongPassword):
            open_channel(chip, [cards.CAN, cards.MRZ])
        assert len(chip.templates) == 1

    @pytest.mark.parametrize("sw", [0x6FFF, 0x6982, 0x6700, 0x6D00])
    def test_no_other_offer_is_tried_after_other_trouble(self, cards: SimpleNamespace, sw: int) -> None:
        chip = self.chip(cards, {"0404": sw})
        with pytest.raises(AccessFailed):
            open_channel(chip, [cards.CAN])
        assert len(chip.templates) == 1


# AC-12
class TestExplicitParameters:
    EXPLICIT = encode(0x30, encode(0x06, encode_oid("0.4.0.127.0.7.2.2.4.2")) + encode(0x30, b"") + b"\x02\x01\x28")

    def test_they_are_refused_with_the_reason(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, access=cards.card_access(cards.pace_info(2, 40), self.EXPLICIT))
        with pytest.raises(UnsupportedCard, match="explicit-parameters"):
            open_channel(chip, [cards.CAN])
        assert chip.templates == []
        channel = open_channel(chip, [cards.MRZ], allow_bac_after_pace_failure=True)
        assert channel.pace_failure is not None
        assert channel.pace_failure.reason is PaceFailureReason.UNSUPPORTED
        assert "explicit-parameters" in channel.pace_failure.step

    def test_beside_standardised_ones_they_are_passed_over_and_told(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, access=cards.card_access(cards.pace_info(4, 40), cards.pace_info(2, 13), self.EXPLICIT))
        channel = open_channel(chip, [cards.CAN])
        assert channel.refused_offers == ("explicit-parameters",)
        assert chip.templates[0][0x84] == b"\x0d"


# AC-19
class TestTriesLeft:
    def test_tries_that_are_whole_are_used_as_asked(self, cards: SimpleNamespace) -> None:
        for password in (Pin("123456"), Puk("0123456789")):
            channel = open_channel(chip_of(cards, password=password), [password])
            assert (channel.password, channel.tries_left) == (password, None)

    @pytest.mark.parametrize("password", [Pin("123456"), Puk("0123456789")], ids=["pin", "puk"])
    def test_none_is_spent_unasked_once_some_are_lost(self, cards: SimpleNamespace, password: Pin | Puk) -> None:
        chip = chip_of(cards, status("mse", 0x63C2), password=password)
        with pytest.raises(TriesAtRisk) as caught:
            open_channel(chip, [password, cards.MRZ], allow_bac_after_pace_failure=True, reset=chip.reset)
        assert (caught.value.tries_left, caught.value.can_first) == (2, False)
        assert chip.log == ["card-access", "mse"]
        asked: list[int] = []
        chip = chip_of(cards, status("mse", 0x63C2), password=password)
        with pytest.raises(TriesAtRisk):
            open_channel(chip, [password], confirm_tries=lambda left: bool(asked.append(left)))
        assert (asked, chip.log) == ([2], ["card-access", "mse"])

    def test_one_is_spent_where_that_was_agreed(self, cards: SimpleNamespace) -> None:
        pin = Pin("123456")
        channel = open_channel(
            chip_of(cards, status("mse", 0x63C2), password=pin), [pin], confirm_tries=lambda left: True
        )
        assert (channel.password, channel.tries_left) == (pin, 2)

    def test_with_one_try_of_a_pin_left_the_can_is_asked_for_first(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, status("mse", 0x63C1), password=Pin("123456"))
        with pytest.raises(TriesAtRisk) as caught:
            open_channel(chip, [Pin("123456")], confirm_tries=lambda left: True)
        assert (caught.value.tries_left, caught.value.can_first) == (1, True)
        assert chip.log == ["card-access", "mse"]

    def test_a_blocked_one_is_not_used(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, status("mse", 0x63C0), password=Pin("123456"))
        with pytest.raises(WrongPassword) as caught:
            open_channel(chip, [Pin("123456")], confirm_tries=lambda left: True)
        assert caught.value.tries_left == 0
        assert chip.log == ["card-access", "mse"]

    # AC-02 gives PACE a second try after a transport fault; with a PIN that could cost one more try.
    @pytest.mark.parametrize("step", ["mse", "ga1", "ga2", "ga3", "ga4"])
    def test_a_transport_fault_gives_a_pin_no_second_try(self, cards: SimpleNamespace, step: str) -> None:
        def fail(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at == step:
                raise MuteCard("fault")
            return response

        chip = chip_of(cards, fail, password=Pin("123456"))
        with pytest.raises(MuteCard):
            open_channel(chip, [Pin("123456")], reset=chip.reset)
        assert chip.log.count("mse") == 1
        assert chip.resets == 0


class TestChipAuthenticationMapping:
    CARD_SECURITY = encode(0x30, bytes(range(256)) * 2)

    def chip(self, cards: SimpleNamespace, *, there: bool = True) -> object:
        chip = chip_of(cards, access=cards.card_access(cards.pace_info(2, 13, 6), cards.pace_info(2, 13, 2)))
        chip.inner = []

        def inside(command: CommandAPDU) -> ResponseAPDU:
            chip.inner.append(command)
            if command.ins != 0xB0:
                return ResponseAPDU(b"", 0x9000 if command.p1 == 4 or there else 0x6A82)
            if not there:
                return ResponseAPDU(b"", 0x6A82)
            offset = command.p2 if command.p1 & 0x80 else command.p1 << 8 | command.p2
            return ResponseAPDU(self.CARD_SECURITY[offset : offset + command.ne], 0x9000)

        chip.inside = inside
        return chip

    def test_card_security_is_read_before_the_application_is_selected(self, cards: SimpleNamespace) -> None:
        chip = self.chip(cards)
        channel = open_channel(chip, [cards.CAN])
        assert channel.card_security is not None
        assert channel.card_security.data == self.CARD_SECURITY
        assert [command.header[:3].hex() for command in chip.inner] == ["00b09d", "00b000", "00b001", "00a404"]
        assert channel.chip_mapping is not None
        assert verify_chip_mapping(channel.chip_mapping, chip.party.static_key())

    def test_a_chip_without_card_security_is_open_and_not_proven(self, cards: SimpleNamespace) -> None:
        channel = open_channel(self.chip(cards, there=False), [cards.CAN])
        assert channel.card_security is not None
        assert channel.card_security.outcome is ReadOutcome.ABSENT
        assert channel.link.is_open

    def test_other_mappings_do_not_read_it(self, cards: SimpleNamespace) -> None:
        channel = open_channel(chip_of(cards), [cards.CAN])
        assert (channel.chip_mapping, channel.card_security) == (None, None)


# AC-03
@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\x00\x00",
        lambda raw: b"\x30" + raw[1:],
    ],
    ids=["cut short", "bytes after the end", "sequence for set"],
)
def test_a_damaged_card_access_with_a_readable_offer_still_leads_to_pace(
    cards: SimpleNamespace, damage: Callable[[bytes], bytes]
) -> None:
    raw = cards.card_access(cards.pace_info(), b"\x30\x06\x06\x01\x2a\x02\x01\x01")
    chip = chip_of(cards, access=damage(raw))
    assert open_channel(chip, [cards.CAN]).protocol is AccessProtocol.PACE


class TestBac:
    def test_a_chip_without_card_access_is_opened_by_bac(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, access=None)
        channel = open_channel(chip, [cards.CAN, cards.MRZ])
        assert chip.log == ["card-access", "fid", "aid", "challenge", "authenticate"]
        assert channel.protocol is AccessProtocol.BAC
        assert channel.card_access.outcome is ReadOutcome.ABSENT
        assert (channel.offered, channel.pace, channel.pace_failure) == (None, None, None)
        assert channel.link.transmit(CommandAPDU(0, 0xA4, 2, 12, b"\1\1")).sw == 0x9000

    def test_card_access_without_pace_leads_to_bac(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, access=bytes.fromhex("310830060601 2a020101".replace(" ", "")))
        channel = open_channel(chip, [cards.MRZ])
        assert channel.protocol is AccessProtocol.BAC
        assert channel.offered is not None

    @pytest.mark.parametrize("access", [b"", b"\x00", b"\xff" * 40, bytes(20)])
    def test_an_unreadable_card_access_leads_to_bac(self, cards: SimpleNamespace, access: bytes) -> None:
        assert open_channel(chip_of(cards, access=access), [cards.MRZ]).protocol is AccessProtocol.BAC

    def test_bac_with_only_a_can_needs_the_mrz(self, cards: SimpleNamespace) -> None:
        chip = chip_of(cards, access=None)
        with pytest.raises(MrzNeeded):
            open_channel(chip, [cards.CAN])
        assert "challenge" not in chip.log

    def test_a_wrong_mrz_is_a_wrong_password(self, cards: SimpleNamespace) -> None:
        with pytest.raises(WrongPassword):
            open_channel(chip_of(cards, access=None), [MrzKey("X", "000000", "000000")])

    def test_a_chip_without_the_application_is_unsupported(self, cards: SimpleNamespace) -> None:
        with pytest.raises(UnsupportedCard):
            open_channel(chip_of(cards, status("aid", 0x6A82), access=None), [cards.MRZ])


# AC-01: PACE advertised, its first command refused, BAC would work.
class TestFallback:
    @pytest.mark.parametrize("step", ["mse", "ga1"])
    @pytest.mark.parametrize("sw", [0x6FFF, 0x6300, 0x6982, 0x6A80, 0x6A88])
    def test_refused_pace_is_recorded_and_bac_needs_permission(
        self, cards: SimpleNamespace, step: str, sw: int
    ) -> None:
        chip = chip_of(cards, status(step, sw))
        with pytest.raises(AccessFailed) as caught:
            open_channel(chip, [cards.MRZ])
        assert caught.value.sw == sw
        assert "challenge" not in chip.log

        chip = chip_of(cards, status(step, sw))
        channel = open_channel(chip, [cards.MRZ], allow_bac_after_pace_failure=True)
        assert channel.protocol is AccessProtocol.BAC
        assert channel.pace_failure is not None
        assert channel.pace_failure.reason is PaceFailureReason.REFUSED
        assert channel.pace_failure.sw == sw

    def test_after_refused_pace_bac_needs_the_mrz(self, cards: SimpleNamespace) -> None:
        with pytest.raises(MrzNeeded):
            open_channel(chip_of(cards, status("mse", 0x6982)), [cards.CAN], allow_bac_after_pace_failure=True)

    # AC-12
    def test_pace_that_cannot_be_performed_is_recorded(self, cards: SimpleNamespace) -> None:
        access = cards.card_access(cards.pace_info(parameter_id=None))
        with pytest.raises(UnsupportedCard):
            open_channel(chip_of(cards, access=access), [cards.MRZ])
        channel = open_channel(chip_of(cards, access=access), [cards.MRZ], allow_bac_after_pace_failure=True)
        assert channel.pace_failure is not None
        assert channel.pace_failure.reason is PaceFailureReason.UNSUPPORTED

    # AC-02
    @pytest.mark.parametrize("step", ["mse", "ga1", "ga2", "ga3", "ga4"])
    @pytest.mark.parametrize("trouble", [CardReset, MuteCard, CardError])
    def test_a_transport_fault_gives_pace_one_more_try_after_a_reset(
        self, cards: SimpleNamespace, step: str, trouble: type[Exception]
    ) -> None:
        faults = iter([True])

        def fail_once(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at == step and next(faults, False):
                raise trouble("fault")
            return response

        chip = chip_of(cards, fail_once)
        channel = open_channel(chip, [cards.CAN], reset=chip.reset)
        assert channel.protocol is AccessProtocol.PACE
        assert chip.resets == 1
        assert chip.log.count("mse") == 2

    @pytest.mark.parametrize("step", ["mse", "ga1", "ga2", "ga3", "ga4"])
    def test_a_lasting_transport_fault_is_recorded_as_such(self, cards: SimpleNamespace, step: str) -> None:
        def fail(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at == step:
                raise MuteCard("fault")
            return response

        chip = chip_of(cards, fail)
        channel = open_channel(chip, [cards.MRZ], allow_bac_after_pace_failure=True, reset=chip.reset)
        assert channel.pace_failure is not None
        assert channel.pace_failure.reason is PaceFailureReason.TRANSPORT
        assert channel.protocol is AccessProtocol.BAC
        assert chip.resets == 2

    def test_a_transport_fault_without_a_way_to_reset_is_raised(self, cards: SimpleNamespace) -> None:
        def fail(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at == "ga2":
                raise MuteCard("fault")
            return response

        with pytest.raises(MuteCard):
            open_channel(chip_of(cards, fail), [cards.CAN])

    def test_a_card_that_left_ends_the_opening(self, cards: SimpleNamespace) -> None:
        def leave(at: str, response: ResponseAPDU) -> ResponseAPDU:
            if at == "ga3":
                raise CardRemoved("gone")
            return response

        chip = chip_of(cards, leave)
        with pytest.raises(CardRemoved):
            open_channel(chip, [cards.CAN], allow_bac_after_pace_failure=True, reset=chip.reset)
        assert chip.resets == 0


def test_an_opening_without_a_password_is_a_mistake_of_the_caller(cards: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="password"):
        open_channel(chip_of(cards), [])


def test_nothing_shows_a_password(cards: SimpleNamespace) -> None:
    chip = chip_of(cards)
    channel = open_channel(chip, [cards.CAN])
    shown = repr(channel)
    assert cards.CAN.digits not in shown
    assert chip.party.keys.enc.hex() not in shown
    with pytest.raises(WrongPassword) as caught:
        open_channel(chip_of(cards), [Can("424242")])
    assert "424242" not in f"{caught.value!r} {caught.value}"
