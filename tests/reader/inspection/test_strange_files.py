"""Strange bytes, missing files, channels that die: always a report, and never a pass too many."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_cards.issuing import IssuedCard, Issuer
from reader.access import Can, SecureMessaging
from reader.errors import AccessFailed, DataError, UnprotectedStatus, WrongPassword
from reader.inspection import (
    NOTES,
    REASONS,
    CheckId,
    CheckStatus,
    Decision,
    Inspection,
    Note,
    Reason,
    Severity,
)
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode

InspectIssued = Callable[..., Inspection]
PASSED, FAILED = CheckStatus.PASSED, CheckStatus.FAILED
GROUPS = ["DG1", "DG2", "DG13", "DG14", "DG15"]
FILES = ["EF.CardAccess", "EF.COM", "EF.SOD", *GROUPS]


def failed(inspection: Inspection) -> set[CheckId]:
    return {check.id for check in inspection.checks if check.status is FAILED}


def documented(inspection: Inspection) -> None:
    assert [check.id for check in inspection.checks] == list(CheckId)
    for check in inspection.checks:
        assert check.reason in REASONS[check.id][check.status], (check.id, check.status, check.reason)
        assert all(note.severity in NOTES[note.code] for note in check.notes)


def put(card: IssuedCard, name: str, content: bytes) -> IssuedCard:
    return replace(card, files={**card.files, name: content})


def take(card: IssuedCard, *names: str) -> IssuedCard:
    return replace(card, files={name: content for name, content in card.files.items() if name not in names})


def noise(name: str, size: int, salt: int) -> bytes:
    return hashlib.shake_256(f"{name}/{salt}".encode()).digest(size)


class TestRandomBytes:
    @pytest.mark.parametrize("salt", range(4))
    @pytest.mark.parametrize("name", FILES)
    def test_in_one_file(self, issued: IssuedCard, inspect_issued: InspectIssued, name: str, salt: int) -> None:
        inspection = inspect_issued(put(issued, name, noise(name, len(issued.files[name]), salt)))
        documented(inspection)
        assert inspection.check(CheckId.STRUCTURE).status is FAILED
        assert f"EF.{name.removeprefix('EF.')}" in dict(inspection.check(CheckId.STRUCTURE).evidence)
        assert inspection.decision is Decision.STOP

    @pytest.mark.parametrize("name", FILES[1:])
    def test_under_the_right_tag(self, issued: IssuedCard, inspect_issued: InspectIssued, name: str) -> None:
        raw = issued.files[name]
        framed = encode(raw[0], noise(name, 200, 0))
        inspection = inspect_issued(put(issued, name, framed))
        documented(inspection)
        assert inspection.decision is Decision.STOP

    @pytest.mark.parametrize("salt", range(4))
    def test_in_all_files_at_once(self, issued: IssuedCard, inspect_issued: InspectIssued, salt: int) -> None:
        card = issued
        for name in FILES:
            card = put(card, name, noise(name, len(issued.files[name]), salt))
        inspection = inspect_issued(card)
        documented(inspection)
        assert inspection.decision is Decision.STOP
        assert inspection.identity is None
        # Nothing about the document passes; only that the chip was opened, and that nobody interfered.
        assert {check.id for check in inspection.checks if check.status is PASSED} <= {
            CheckId.BAC,
            CheckId.SECURE_MESSAGING,
        }

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
    @given(
        name=st.sampled_from(GROUPS[:1] + GROUPS[2:] + ["EF.COM", "EF.SOD"]),
        place=st.integers(0, 4000),
        value=st.integers(0, 255),
        sign=st.booleans(),
    )
    def test_one_byte_changed(
        self,
        issued: IssuedCard,
        issuer: Issuer,
        inspect_issued: InspectIssued,
        name: str,
        place: int,
        value: int,
        sign: bool,
    ) -> None:
        """PA-01, and the same with a signature that fits: then the parsers meet what an issuer got wrong."""
        raw = bytearray(issued.files[name])
        raw[place % len(raw)] = value
        card = put(issued, name, bytes(raw))
        inspection = inspect_issued(issuer.sign(card) if sign and name in GROUPS else card)
        documented(inspection)
        if card.files != issued.files and not sign and name in GROUPS:
            assert inspection.check(CheckId.HASHES).status is not PASSED
            assert inspection.decision is not Decision.PROCEED


class TestMissingFiles:
    @pytest.mark.parametrize("name", FILES)
    def test_a_file_that_is_not_there_is_never_a_pass(
        self, issued: IssuedCard, inspect_issued: InspectIssued, name: str
    ) -> None:
        inspection = inspect_issued(take(issued, name))
        documented(inspection)
        wanted = {
            "EF.CardAccess": {CheckId.CARD_ACCESS},  # AC-04
            "EF.SOD": {CheckId.SOD_SIGNATURE},
            "DG14": {CheckId.CHIP_AUTHENTICATION},  # LC-04
            "DG15": {CheckId.ACTIVE_AUTHENTICATION},
        }
        assert failed(inspection) == wanted.get(name, set())
        assert inspection.decision is not Decision.PROCEED

    @pytest.mark.parametrize("name", FILES[1:])
    @pytest.mark.parametrize("kept", [0, 1, 5, 15])
    def test_a_file_that_is_cut_short_is_never_a_pass(
        self, issued: IssuedCard, inspect_issued: InspectIssued, name: str, kept: int
    ) -> None:
        inspection = inspect_issued(put(issued, name, issued.files[name][:kept]))
        documented(inspection)
        assert inspection.decision is not Decision.PROCEED

    def test_without_dg1_the_vietnamese_part_still_tells_who_it_is(
        self, issued: IssuedCard, inspect_issued: InspectIssued
    ) -> None:
        inspection = inspect_issued(take(issued, "DG1"))
        assert inspection.identity is not None
        assert inspection.identity.personal_number == issued.persona.card.personal_number
        for id in (CheckId.MRZ_CHECK_DIGITS, CheckId.KEY_MATCHES_CHIP, CheckId.DG1_DG13, CheckId.ISSUING_STATE):
            assert inspection.check(id).reason == Reason.NOT_READ
        assert inspection.check(CheckId.EXPIRY).evidence[-1] == ("source", "DG13")

    def test_a_group_that_com_and_sod_name_and_the_chip_denies_leaves_the_hashes_open(
        self, issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
    ) -> None:
        more = issuer.sign(issued.with_files(DG11=encode(0x6B, b"\x5c\x00")))
        inspection = inspect_issued(take(more, "DG11"))
        check = inspection.check(CheckId.HASHES)
        assert (check.reason, dict(check.evidence)["not-read"]) == ("groups-not-read", "DG11")
        assert inspection.decision is Decision.ATTENTION


def test_a_record_without_a_birth_is_a_warning(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    """ICAO 9303-3 §4.8 allows an unknown date of birth; nobody is named by such a record."""
    dg1, place = issued.files["DG1"], 5 + 30
    unknown = dg1[:place] + b"<<<<<<" + dg1[place + 6 :]
    inspection = inspect_issued(take(issuer.sign(put(issued, "DG1", unknown)), "DG13"))
    assert inspection.identity is None
    assert Note("no-date-of-birth", Severity.WARNING) in inspection.check(CheckId.STRUCTURE).notes


def test_another_persons_number_opens_nothing_and_passes_nothing(
    issued: IssuedCard, inspect_issued: InspectIssued
) -> None:
    """WH-01: a wrong password leaves no report, so nothing can have passed."""
    with pytest.raises(WrongPassword):
        inspect_issued(issued, passwords=(Can("000000"),))


class TestTheChannel:
    def spoil(self, monkeypatch: pytest.MonkeyPatch, matches: Callable[[CommandAPDU], bool], error: Exception) -> None:
        """Have secure messaging raise ``error`` for the first command that ``matches``."""
        original = SecureMessaging.transmit
        done: list[CommandAPDU] = []

        def transmit(self: SecureMessaging, command: CommandAPDU) -> ResponseAPDU:
            if not done and matches(command):
                done.append(command)
                raise error
            return original(self, command)

        monkeypatch.setattr(SecureMessaging, "transmit", transmit)

    @pytest.mark.parametrize("short_ids", [True, False])
    def test_senseless_padding_damages_one_file_and_raises_nothing(
        self, issued: IssuedCard, inspect_issued: InspectIssued, monkeypatch: pytest.MonkeyPatch, short_ids: bool
    ) -> None:
        """SM-07, in the answer to READ BINARY or, on a chip without short identifiers, to SELECT."""
        original = SecureMessaging.transmit

        def without_short_ids(self: SecureMessaging, command: CommandAPDU) -> ResponseAPDU:
            if command.ins == 0xB0 and command.p1 & 0x80:
                return ResponseAPDU(b"", 0x6A81)
            return original(self, command)

        if not short_ids:
            monkeypatch.setattr(SecureMessaging, "transmit", without_short_ids)
        ins = 0xB0 if short_ids else 0xA4
        self.spoil(monkeypatch, lambda command: command.ins == ins and command.p1 != 0x04, DataError("padding wrong"))
        inspection = inspect_issued(issued)
        documented(inspection)
        assert dict(inspection.check(CheckId.STRUCTURE).evidence) == {"EF.SOD": "damaged"}
        assert inspection.check(CheckId.SECURE_MESSAGING).status is PASSED
        assert inspection.identity is not None

    def test_senseless_padding_while_opening_is_an_error_of_the_card(
        self, issued: IssuedCard, inspect_issued: InspectIssued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.spoil(monkeypatch, lambda command: command.ins == 0xA4, DataError("padding wrong"))
        with pytest.raises(AccessFailed):
            inspect_issued(issued)

    def test_a_bare_refusal_in_a_living_channel_is_never_called_verified(
        self, issued: IssuedCard, inspect_issued: InspectIssued
    ) -> None:
        """SM-03: the channel holds, so nobody broke in; but not every answer was vouched for."""
        inspection = inspect_issued(issued, around=lambda chip: BareOnce(chip, at=30))
        documented(inspection)
        check = inspection.check(CheckId.SECURE_MESSAGING)
        assert (check.status, check.reason) == (CheckStatus.INCONCLUSIVE, Reason.UNPROTECTED)
        assert failed(inspection) == set()
        assert inspection.decision is Decision.ATTENTION

    def test_the_evidence_counts_only_answers_that_verified(
        self, issued: IssuedCard, inspect_issued: InspectIssued
    ) -> None:
        whole = dict(inspect_issued(issued).check(CheckId.SECURE_MESSAGING).evidence)
        cut = dict(
            inspect_issued(issued, around=lambda chip: Flipped(chip, 12)).check(CheckId.SECURE_MESSAGING).evidence
        )
        # EF.CardAccess, five commands of PACE; the sixth is SELECT, and the twelfth was flipped.
        assert int(cut["verified-answers"]) < 12 < int(whole["verified-answers"])

    def test_a_chip_proven_before_the_channel_died_stays_proven_and_the_visit_stops(
        self, issued: IssuedCard, inspect_issued: InspectIssued
    ) -> None:
        """CH-08, SM-01: Chip Authentication was confirmed; then somebody flipped a bit."""
        inspection = inspect_issued(issued, around=lambda chip: Flipped(chip, 40))
        documented(inspection)
        assert failed(inspection) == {CheckId.SECURE_MESSAGING}
        assert inspection.check(CheckId.CHIP_AUTHENTICATION).status is PASSED
        assert inspection.check(CheckId.HASHES).reason == "groups-not-read"
        assert inspection.decision is Decision.STOP

    def test_a_dead_channel_leaves_active_authentication_unfinished(
        self, issued: IssuedCard, inspect_issued: InspectIssued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dead = UnprotectedStatus(0x6F00, channel_alive=False)
        self.spoil(monkeypatch, lambda command: command.ins == 0x88, dead)
        inspection = inspect_issued(issued)
        documented(inspection)
        assert inspection.check(CheckId.ACTIVE_AUTHENTICATION).reason == "not-finished"
        assert failed(inspection) == {CheckId.SECURE_MESSAGING}

    def test_a_chip_that_ends_its_session_over_chip_authentication_has_refused_it(
        self, issued: IssuedCard, inspect_issued: InspectIssued, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """CH-09: DG14, which is signed, offers what the chip does not do; the card is reset and read on."""
        dead = UnprotectedStatus(0x6F00, channel_alive=False)
        self.spoil(monkeypatch, lambda command: command.ins == 0x22, dead)
        inspection = inspect_issued(issued)
        documented(inspection)
        assert inspection.check(CheckId.CHIP_AUTHENTICATION).reason == "refused-by-chip"
        assert failed(inspection) == {CheckId.CHIP_AUTHENTICATION}
        assert "EF.DG2" in dict(inspection.files)


class BareOnce:
    """Answer one command, the ``at``-th, with a bare 6A80 that the chip never sees."""

    def __init__(self, card: Any, at: int) -> None:
        self.card, self.at, self.count = card, at, 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.count += 1
        return ResponseAPDU(b"", 0x6700) if self.count == self.at else self.card.transmit(command)


class Flipped:
    """Flip a bit of one answer, the ``at``-th."""

    def __init__(self, card: Any, at: int) -> None:
        self.card, self.at, self.count = card, at, 0

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.count += 1
        response = self.card.transmit(command)
        if self.count != self.at:
            return response
        return ResponseAPDU(response.data[:-1] + bytes((response.data[-1] ^ 1,)), response.sw)
