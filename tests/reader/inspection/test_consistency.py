"""Whether the parts of one document agree (chip-reading 4.3, AC-04 … AC-08, LC-01 … LC-15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from reader.access import AccessProtocol, Can, MrzKey
from reader.files import FileId
from reader.inspection import CheckStatus, InspectionRequest, Reason, consistency
from reader.inspection.gathered import Gathered
from reader.inspection.master_file import card_access_check
from reader.inspection.states import two_letter_code
from reader.lds import CalendarDate, Com, PaceInfo, SecurityInfos, Sex, StructureDefect, TextFinding, mrz_key
from reader.verdict import Note, Severity

Genuine = tuple[Gathered, InspectionRequest]
TODAY = date(2026, 11, 1)
PASSED, FAILED = CheckStatus.PASSED, CheckStatus.FAILED
INCONCLUSIVE, NOT_APPLICABLE = CheckStatus.INCONCLUSIVE, CheckStatus.NOT_APPLICABLE


def offer(gathered: Gathered, offered: SecurityInfos | None, protocol: AccessProtocol = AccessProtocol.PACE) -> None:
    gathered.channel = replace(gathered.channel, offered=offered, protocol=protocol)


def without_sod(gathered: Gathered) -> None:
    assert gathered.security_object is not None
    broken = replace(gathered.security_object.signature, status=FAILED)
    gathered.security_object = replace(gathered.security_object, signature=broken)


def unlist(gathered: Gathered, number: int) -> None:
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    hashes = tuple(entry for entry in found.listed.hashes if entry[0] != number)
    gathered.security_object = replace(found, listed=replace(found.listed, hashes=hashes))


class TestCardAccess:
    def test_as_signed(self, genuine: Genuine) -> None:
        check = card_access_check(genuine[0])
        assert (check.status, check.reason) == (PASSED, Reason.CARD_ACCESS_SIGNED)

    @pytest.mark.parametrize("offered", [None, SecurityInfos(())])
    def test_absent_or_empty_though_dg14_offers_pace_is_a_downgrade(self, genuine: Genuine, offered: Any) -> None:
        """AC-04, AC-05."""
        offer(genuine[0], offered, AccessProtocol.BAC)
        check = card_access_check(genuine[0])
        assert (check.status, check.reason) == (FAILED, Reason.DOWNGRADE)

    def test_something_nobody_signed_is_injected(self, genuine: Genuine) -> None:
        """AC-06."""
        gathered = genuine[0]
        shown = gathered.channel.offered
        assert shown is not None
        more = PaceInfo("0.4.0.127.0.7.2.2.4.2.4", 2, 16, b"\x30\x00")
        offer(gathered, replace(shown, infos=(*shown.infos, more.raw), pace=(*shown.pace, more)))
        check = card_access_check(gathered)
        assert (check.status, check.reason) == (FAILED, Reason.INJECTED)

    def test_one_signed_offer_that_is_missing_is_a_downgrade(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        assert gathered.dg14 is not None
        more = PaceInfo("0.4.0.127.0.7.2.2.4.2.4", 2, 16, b"\x30\x00")
        gathered.dg14 = replace(gathered.dg14, infos=(*gathered.dg14.infos, more.raw), pace=(*gathered.dg14.pace, more))
        assert card_access_check(gathered).reason == Reason.DOWNGRADE

    def test_without_dg14_nothing_signed_is_there_to_compare(self, genuine: Genuine) -> None:
        """AC-08; and a BAC card without either has nothing to compare at all."""
        gathered = genuine[0]
        gathered.dg14 = None
        assert card_access_check(gathered).reason == Reason.NOT_READ
        unlist(gathered, 14)
        check = card_access_check(gathered)
        assert (check.status, check.reason) == (INCONCLUSIVE, Reason.NOTHING_SIGNED)
        offer(gathered, None, AccessProtocol.BAC)
        assert card_access_check(gathered).status is NOT_APPLICABLE

    def test_an_unproven_dg14_proves_nothing(self, genuine: Genuine) -> None:
        without_sod(genuine[0])
        check = card_access_check(genuine[0])
        assert (check.status, check.reason) == (INCONCLUSIVE, Reason.REFERENCE_UNPROVEN)


class TestComAgainstSod:
    def com(self, gathered: Gathered, **changes: Any) -> Com:
        assert gathered.com is not None
        return replace(gathered.com, **changes)

    def test_lists_that_agree(self, genuine: Genuine) -> None:
        check = consistency.com_sod_check(genuine[0])
        assert (check.status, check.reason) == (PASSED, Reason.LISTS_AGREE)

    def test_a_group_nobody_signed_fails_even_unread(self, genuine: Genuine) -> None:
        """LC-01, LC-02."""
        gathered = genuine[0]
        gathered.com = self.com(gathered, tags=(*self.com(gathered).tags, 0x6B))
        check = consistency.com_sod_check(gathered)
        assert (check.status, check.reason) == (FAILED, Reason.UNSIGNED_CONTENT)
        assert dict(check.evidence)["unsigned"] == "DG11"

    def test_a_group_that_was_read_and_is_not_signed_fails(self, genuine: Genuine) -> None:
        unlist(genuine[0], 13)
        assert consistency.com_sod_check(genuine[0]).reason == Reason.UNSIGNED_CONTENT

    def test_a_signed_group_that_com_omits_is_a_warning(self, genuine: Genuine) -> None:
        """LC-03."""
        gathered = genuine[0]
        gathered.com = self.com(gathered, tags=tuple(tag for tag in self.com(gathered).tags if tag != 0x6F))
        check = consistency.com_sod_check(gathered)
        assert check.status is PASSED
        assert Note("com-omits-group", Severity.WARNING) in check.notes

    @pytest.mark.parametrize(("lds", "unicode"), [("1.8", "4.0.0"), ("1.7", "5.0.0")])
    def test_versions_that_differ_from_the_signed_ones_fail(self, genuine: Genuine, lds: str, unicode: str) -> None:
        """LC-06."""
        gathered = genuine[0]
        found = gathered.security_object
        assert found is not None
        assert found.listed is not None
        said = self.com(gathered)
        signed = replace(found.listed, version=1, lds_version=said.lds_version, unicode_version=said.unicode_version)
        gathered.security_object = replace(found, listed=signed)
        assert consistency.com_sod_check(gathered).status is PASSED
        gathered.security_object = replace(found, listed=replace(signed, lds_version=lds, unicode_version=unicode))
        assert consistency.com_sod_check(gathered).reason == Reason.VERSION_MISMATCH

    def test_without_com_or_a_proven_list_it_stays_open(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        com, gathered.com = gathered.com, None
        assert consistency.com_sod_check(gathered).reason == Reason.NOT_READ
        gathered.com = com
        without_sod(gathered)
        assert consistency.com_sod_check(gathered).reason == Reason.REFERENCE_UNPROVEN
        gathered.security_object = None
        assert consistency.com_sod_check(gathered).reason == Reason.NOT_READ


class TestStructure:
    def test_well_formed(self, genuine: Genuine) -> None:
        check = consistency.structure_check(genuine[0])
        assert (check.status, check.reason) == (PASSED, Reason.WELL_FORMED)
        assert "EF.DG2" in dict(check.evidence)["files"]

    def test_a_malformed_file_is_named(self, genuine: Genuine) -> None:
        genuine[0].malformed["EF.DG13"] = "value cut short at offset 4"
        check = consistency.structure_check(genuine[0])
        assert (check.status, dict(check.evidence)) == (FAILED, {"EF.DG13": "value cut short at offset 4"})

    def test_card_access_with_a_defect_is_named_but_order_is_only_noted(self, genuine: Genuine) -> None:
        """AC-03, LC-10."""
        gathered = genuine[0]
        shown = gathered.channel.offered
        assert shown is not None
        offer(gathered, replace(shown, defects=(StructureDefect.TRAILING_BYTES,)))
        assert "EF.CardAccess" in dict(consistency.structure_check(gathered).evidence)
        offer(gathered, replace(shown, defects=(StructureDefect.NOT_ORDERED,)))
        check = consistency.structure_check(gathered)
        assert check.status is PASSED
        assert Note("not-in-order") in check.notes

    @pytest.mark.parametrize(
        ("finding", "severity"), [(TextFinding.NOT_NFC, Severity.INFO), (TextFinding.BIDI, Severity.WARNING)]
    )
    def test_text_that_could_mislead_is_a_warning_and_composed_letters_are_not(
        self, genuine: Genuine, finding: TextFinding, severity: Severity
    ) -> None:
        gathered = genuine[0]
        assert gathered.dg13 is not None
        gathered.dg13 = replace(gathered.dg13, altered=((2, finding),))
        assert Note("text-made-safe", severity) in consistency.structure_check(gathered).notes

    @pytest.mark.parametrize(
        ("problem", "severity"), [("no-portrait", Severity.INFO), ("portrait-unreadable", Severity.WARNING)]
    )
    def test_a_portrait_that_cannot_be_shown_is_a_note(
        self, genuine: Genuine, problem: str, severity: Severity
    ) -> None:
        genuine[0].portrait_problem = problem
        check = consistency.structure_check(genuine[0])
        assert check.status is PASSED
        assert Note(problem, severity) in check.notes

    def test_nothing_read_is_nothing_judged(self, genuine: Genuine) -> None:
        genuine[0].reads.clear()
        genuine[0].parsed.clear()
        assert consistency.structure_check(genuine[0]).status is INCONCLUSIVE


class TestKey:
    def test_every_key_that_was_given_is_compared(self, genuine: Genuine) -> None:
        check = consistency.key_check(*genuine)
        assert (check.status, dict(check.evidence)["compared"]) == (PASSED, "personal-number can mrz")

    @pytest.mark.parametrize(
        ("changes", "differing"),
        [
            ({"personal_number": "099090000002"}, "personal-number"),
            ({"passwords": (Can("999999"),)}, "can"),
        ],
    )
    def test_another_number_fails_and_is_named(self, genuine: Genuine, changes: dict[str, Any], differing: str) -> None:
        check = consistency.key_check(genuine[0], replace(genuine[1], **changes))
        assert (check.status, dict(check.evidence)["differing"]) == (FAILED, differing)

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_each_field_of_the_mrz_key_counts(self, genuine: Genuine, place: int) -> None:
        """LC-11."""
        gathered, request = genuine
        assert gathered.mrz is not None
        said = mrz_key(gathered.mrz)
        fields = [said.document_number, said.date_of_birth, said.date_of_expiry]
        key = replace(request, passwords=(MrzKey(*fields),), personal_number="")
        assert consistency.key_check(gathered, key).status is PASSED
        fields[place] = fields[place][:-1] + ("0" if fields[place][-1] != "0" else "1")
        assert consistency.key_check(gathered, replace(key, passwords=(MrzKey(*fields),))).status is FAILED

    def test_the_number_in_dg13_counts_too(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        assert gathered.dg13 is not None
        gathered.dg13 = replace(gathered.dg13, personal_number="099090000009")
        assert consistency.key_check(*genuine).status is FAILED

    def test_a_can_that_says_nothing_of_the_document_leaves_it_open(self, genuine: Genuine) -> None:
        gathered, request = genuine
        assert gathered.mrz is not None
        gathered.mrz, gathered.dg13 = replace(gathered.mrz, personal_number=""), None
        only_can = replace(request, passwords=(Can("123456"),), personal_number="")
        check = consistency.key_check(gathered, only_can)
        assert (check.status, check.reason) == (INCONCLUSIVE, Reason.NOTHING_TO_COMPARE)


class TestDg1AgainstDg13:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("personal_number", "099090000009"),
            ("full_name", "Nguyễn Văn Mẩu Khác"),
            ("date_of_birth", CalendarDate(1990, 1, 16)),
            ("sex", Sex.FEMALE),
            ("expiry", CalendarDate(2035, 1, 15)),
        ],
    )
    def test_each_field_that_differs_fails_and_is_named(self, genuine: Genuine, field: str, value: Any) -> None:
        """LC-12."""
        gathered = genuine[0]
        assert consistency.dg1_dg13_check(gathered, TODAY).status is PASSED
        assert gathered.dg13 is not None
        gathered.dg13 = replace(gathered.dg13, **{field: value})
        check = consistency.dg1_dg13_check(gathered, TODAY)
        assert (check.status, check.reason) == (FAILED, Reason.GROUPS_DIFFER)
        assert len(dict(check.evidence)["differing"].split()) == 1

    def test_diacritics_make_no_difference(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        assert gathered.dg13 is not None
        gathered.dg13 = replace(gathered.dg13, full_name="NGUYEN VAN MAU")
        assert consistency.dg1_dg13_check(gathered, TODAY).status is PASSED

    def test_a_card_without_dg13_has_nothing_to_compare(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        gathered.dg13 = None
        assert consistency.dg1_dg13_check(gathered, TODAY).reason == Reason.NOT_READ
        del gathered.reads[FileId.DG13]
        unlist(gathered, 13)
        assert consistency.dg1_dg13_check(gathered, TODAY).status is NOT_APPLICABLE


class TestStateAndDates:
    def test_the_issuing_state_is_the_signer_s(self, genuine: Genuine) -> None:
        """LC-14."""
        gathered = genuine[0]
        assert consistency.issuing_state_check(gathered).status is PASSED
        assert gathered.mrz is not None
        mrz = gathered.mrz
        gathered.mrz = replace(mrz, issuing_state="D")
        assert consistency.issuing_state_check(gathered).reason == Reason.STATES_DIFFER
        gathered.mrz = replace(mrz, issuing_state="QQQ")
        check = consistency.issuing_state_check(gathered)
        assert (check.status, check.reason) == (INCONCLUSIVE, Reason.STATE_UNKNOWN)

    @pytest.mark.parametrize(
        ("state", "letters"), [("VNM", "VN"), ("D", "DE"), ("GBD", "GB"), ("UNO", "UN"), ("EUE", "EU"), ("UTO", None)]
    )
    def test_codes_of_states(self, state: str, letters: str | None) -> None:
        assert two_letter_code(state) == letters

    def test_the_last_day_still_counts(self, genuine: Genuine) -> None:
        """LC-15."""
        last = date(2030, 1, 15)
        assert consistency.expiry_check(genuine[0], last).reason == Reason.NOT_EXPIRED
        check = consistency.expiry_check(genuine[0], date(2030, 1, 16))
        assert (check.status, check.reason) == (FAILED, Reason.EXPIRED)

    def test_a_card_without_expiry_never_expires(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        assert gathered.dg13 is not None
        gathered.dg13 = replace(gathered.dg13, no_expiry=True, expiry=None)
        assert consistency.expiry_check(gathered, date(2099, 1, 1)).reason == Reason.NO_EXPIRY

    def test_an_unreadable_date_is_not_a_valid_one(self, genuine: Genuine) -> None:
        gathered = genuine[0]
        assert gathered.dg13 is not None
        assert gathered.mrz is not None
        gathered.dg13 = replace(gathered.dg13, expiry=None)
        assert dict(consistency.expiry_check(gathered, TODAY).evidence)["source"] == "DG1"
        gathered.mrz = replace(gathered.mrz, expiry="300230")
        assert consistency.expiry_check(gathered, TODAY).reason == Reason.DATE_UNREADABLE

    def test_a_wrong_check_digit_is_named(self, genuine: Genuine) -> None:
        """LC-13."""
        gathered = genuine[0]
        assert gathered.mrz is not None
        assert consistency.mrz_digits_check(gathered).status is PASSED
        for place, digit in enumerate(gathered.mrz.check_digits):
            digits = list(gathered.mrz.check_digits)
            digits[place] = replace(digit, valid=False)
            changed = replace(gathered, mrz=replace(gathered.mrz, check_digits=tuple(digits)))
            check = consistency.mrz_digits_check(changed)
            assert (check.status, dict(check.evidence)) == (FAILED, {"wrong": digit.field.value})


def test_the_moment_has_a_zone(genuine: Genuine) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(genuine[1], moment=datetime(2026, 1, 1))  # noqa: DTZ001  # the missing zone is the point
    with pytest.raises(ValueError, match="password"):
        replace(genuine[1], passwords=())
    assert genuine[1].moment.tzinfo is UTC
