"""Documents that are not the usual card: passports, older and newer ones, other States'; no genuine one is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mock_cards.chip import Chip, Passwords, image_from_files, profile_by_name
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.personas import load_persona
from reader.access import Can, MrzKey
from reader.inspection import (
    CheckId,
    CheckStatus,
    Decision,
    Inspection,
    InspectionRequest,
    Note,
    Policy,
    Reason,
    Severity,
    consistency,
    inspect,
)
from reader.inspection.gathered import Gathered
from reader.iso7816 import encode, find
from reader.trust import TrustMaterial

InspectIssued = Callable[..., Inspection]
Without = Callable[..., IssuedCard]
Genuine = tuple[Gathered, InspectionRequest]
PASSED, FAILED = CheckStatus.PASSED, CheckStatus.FAILED
INCONCLUSIVE, NOT_APPLICABLE = CheckStatus.INCONCLUSIVE, CheckStatus.NOT_APPLICABLE


def failed(inspection: Inspection) -> set[CheckId]:
    return {check.id for check in inspection.checks if check.status is FAILED}


def test_a_document_that_never_had_13_14_15_is_not_forged_and_not_proven_to_be_no_copy(
    issued: IssuedCard, without: Without, inspect_issued: InspectIssued
) -> None:
    """LC-04 the other way round: what the signed list leaves out does not exist."""
    inspection = inspect_issued(without(issued, 13, 14, 15))
    assert failed(inspection) == set()
    for id in (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION, CheckId.DG1_DG13):
        assert inspection.check(id).status is NOT_APPLICABLE
    # AC-08: PACE was used and nothing signed says that it was the best there is.
    assert inspection.check(CheckId.CARD_ACCESS).reason == Reason.NOTHING_SIGNED
    assert inspection.decision is Decision.ATTENTION
    assert "no-chip-proof" in [finding.reason for finding in inspection.findings]
    assert inspection.identity is not None


def test_a_list_nobody_vouches_for_cannot_say_that_there_is_no_key(
    issued: IssuedCard, without: Without, inspect_issued: InspectIssued
) -> None:
    """An attacker who leaves DG14 and DG15 out of EF.SOD, and so breaks its signature, proves no absence."""
    bare = without(issued, 13, 14, 15)
    sod = bare.files["EF.SOD"]
    inspection = inspect_issued(bare.with_files(SOD=sod[:-1] + bytes((sod[-1] ^ 1,))))
    assert failed(inspection) == {CheckId.SOD_SIGNATURE}
    for id in (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION):
        assert (inspection.check(id).status, inspection.check(id).reason) == (INCONCLUSIVE, "key-not-read")
    assert inspection.check(CheckId.DG1_DG13).status is INCONCLUSIVE
    assert inspection.check(CheckId.CARD_ACCESS).status is INCONCLUSIVE
    assert inspection.check(CheckId.CHAIN).status is INCONCLUSIVE


def test_a_bac_document_is_opened_by_its_mrz_and_has_no_pace_to_be_stripped(
    issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    card = issuer.issue(load_persona("nguyen-van-mau"), profile_by_name("icao-bac"))
    inspection = inspect_issued(card)
    assert inspection.access == "bac"
    assert failed(inspection) == set()
    assert inspection.check(CheckId.PACE).reason == Reason.NOT_OFFERED
    assert inspection.check(CheckId.BAC).status is PASSED
    assert inspection.check(CheckId.CARD_ACCESS).status is NOT_APPLICABLE
    assert inspection.decision is Decision.PROCEED


def test_the_reference_passport_of_the_bsi_is_read_without_dg13_and_dg15(shared: Path) -> None:
    """Files that nobody here made; without their private keys the card is a copy, and found to be one."""
    names = {"EF.COM": "EF_COM", "EF.SOD": "EF_SOD", "DG1": "Datagroup1", "DG2": "Datagroup2", "DG14": "Datagroup14"}
    files = {name: (shared / "data" / "bsi2008" / f"{file}.bin").read_bytes() for name, file in names.items()}
    chip = Chip(image_from_files(files, profile_by_name("icao-bac"), Passwords(b"C11T002JM496081221310317")))
    chip.power_on()
    key = MrzKey("C11T002JM", "960812", "131031")
    moment = datetime(2012, 1, 1, tzinfo=UTC)
    inspection = inspect(chip, InspectionRequest((key,), TrustMaterial(), Policy.shipped(), moment))
    assert failed(inspection) == {CheckId.CHIP_AUTHENTICATION}
    for id in (CheckId.SOD_SIGNATURE, CheckId.HASHES, CheckId.COM_SOD, CheckId.STRUCTURE, CheckId.KEY_MATCHES_CHIP):
        assert inspection.check(id).status is PASSED, id
    for id in (CheckId.ACTIVE_AUTHENTICATION, CheckId.DG1_DG13):
        assert inspection.check(id).status is NOT_APPLICABLE, id


def test_what_another_state_puts_into_dg13_is_its_own_affair(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    """ICAO 9303-10 §4.7.13: optional details, at the State's discretion."""
    german = issued.files["DG1"].replace(b"VNM", b"D<<")
    foreign = issuer.sign(issued.with_files(DG1=german, DG13=encode(0x6D, b"details of no known form")))
    inspection = inspect_issued(foreign, personal_number="", passwords=(Can(issued.persona.card.personal_number[-6:]),))
    structure = inspection.check(CheckId.STRUCTURE)
    assert structure.status is PASSED
    # The bytes are hashed like all others; what they mean was not looked at, and the evidence says so.
    assert dict(structure.evidence)["only-tag-and-length"] == "EF.DG13"
    assert inspection.check(CheckId.HASHES).status is PASSED
    assert inspection.check(CheckId.DG1_DG13).status is NOT_APPLICABLE
    # LC-14: the signer is of another State; and a CAN says nothing of a foreign MRZ.
    assert inspection.check(CheckId.ISSUING_STATE).status is FAILED
    assert inspection.check(CheckId.KEY_MATCHES_CHIP).reason == Reason.NOTHING_TO_COMPARE


def test_a_can_alone_is_held_against_the_number_in_the_chip(issued: IssuedCard, inspect_issued: InspectIssued) -> None:
    can = Can(issued.persona.card.personal_number[-6:])
    inspection = inspect_issued(issued, passwords=(can,), personal_number="")
    check = inspection.check(CheckId.KEY_MATCHES_CHIP)
    assert (check.status, check.evidence) == (PASSED, (("compared", "can"),))
    assert inspection.decision is Decision.PROCEED


@pytest.mark.parametrize(("signed", "claimed"), [("0108", "1.8"), ("1.8", "1.8"), ("0107", "1.7")])
def test_a_signed_version_is_read_in_either_spelling(genuine: Genuine, signed: str, claimed: str) -> None:
    """ICAO 9303-10 §4.6.1.1 writes a version as aabb; LC-06."""
    gathered = genuine[0]
    assert gathered.com is not None
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    gathered.com = replace(gathered.com, lds_version=claimed)
    listed = replace(found.listed, version=1, lds_version=signed, unicode_version="040000")
    gathered.security_object = replace(found, listed=listed)
    assert consistency.com_sod_check(gathered).status is PASSED
    gathered.com = replace(gathered.com, lds_version="1.9")
    assert consistency.com_sod_check(gathered).reason == Reason.VERSION_MISMATCH


@pytest.mark.parametrize(("claimed", "severity"), [("1.7", Severity.INFO), ("1.8", Severity.WARNING)])
def test_a_version_that_would_have_to_be_signed_and_is_not_is_a_warning(
    genuine: Genuine, claimed: str, severity: Severity
) -> None:
    """LC-07: SOD version 0 beside EF.COM 1.8."""
    gathered = genuine[0]
    assert gathered.com is not None
    gathered.com = replace(gathered.com, lds_version=claimed)
    assert Note("lds-version-not-signed", severity) in consistency.com_sod_check(gathered).notes


def _dg2(card: IssuedCard, *templates: bytes) -> bytes:
    return encode(0x75, encode(0x7F61, encode(0x02, bytes((len(templates),))) + b"".join(templates)))


def _template(card: IssuedCard) -> bytes:
    group = find(find(card.files["DG2"], 0x75), 0x7F61)
    return encode(0x7F60, find(group, 0x7F60))


def test_of_two_faces_the_first_is_shown_and_the_second_mentioned(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    template = _template(issued)
    assert _dg2(issued, template) == issued.files["DG2"]
    twice = issuer.sign(issued.with_files(DG2=_dg2(issued, template, template)))
    inspection = inspect_issued(twice, decode_portrait=True)
    assert inspection.portrait is not None
    assert inspection.check(CheckId.STRUCTURE).notes[-1:] == (Note("several-portraits"),)
    assert inspection.decision is Decision.PROCEED


def test_a_portrait_is_parsed_even_where_nobody_wants_to_see_it(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    """No file is called well formed that nobody looked into."""
    broken = issuer.sign(issued.with_files(DG2=encode(0x75, b"no template")))
    check = inspect_issued(broken, decode_portrait=False).check(CheckId.STRUCTURE)
    assert check.status is FAILED
    assert [name for name, _ in check.evidence] == ["EF.DG2"]


def test_a_signed_file_under_another_files_tag_is_malformed(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    """LC-08."""
    odd = issuer.sign(issued.with_files(DG11=encode(0x6C, b"\x5f\x26\x0420260101")))
    check = inspect_issued(odd).check(CheckId.STRUCTURE)
    assert (check.status, dict(check.evidence)) == (FAILED, {"EF.DG11": "tag of another file"})


@pytest.mark.parametrize(
    ("number", "good", "broken"),
    [
        (5, encode(0x65, b"\x02\x01\x00"), encode(0x65, b"\x02\x01\x01")),
        (7, encode(0x67, b""), encode(0x67, b"\x02\x01\x01" + encode(0x5F43, b"<svg/>"))),
        (8, encode(0x68, b"\x02\x01\x01\x04\x01x"), encode(0x68, b"\x04\x01x")),
        (11, encode(0x6B, encode(0x5F0E, b"A<<B")), encode(0x6B, encode(0x5F0E, b"A") * 2)),
        (12, encode(0x6C, encode(0x5F26, b"20240701")), encode(0x6C, b"\x5f\x26\x7f2024")),
        (16, encode(0x70, b"\x02\x01\x00"), encode(0x70, b"\x02\x01\x01")),
    ],
)
def test_the_other_groups_are_parsed_when_they_are_read(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued, number: int, good: bytes, broken: bytes
) -> None:
    name = f"DG{number}"
    sound = inspect_issued(issuer.sign(issued.with_files(**{name: good}))).check(CheckId.STRUCTURE)
    assert sound.status is CheckStatus.PASSED
    assert f"EF.{name}" in dict(sound.evidence)["files"].split()
    odd = inspect_issued(issuer.sign(issued.with_files(**{name: broken}))).check(CheckId.STRUCTURE)
    assert (odd.status, [file for file, _ in odd.evidence]) == (FAILED, [f"EF.{name}"])


def test_security_infos_that_are_not_as_they_must_be_are_found_in_dg14_too(
    issued: IssuedCard, issuer: Issuer, inspect_issued: InspectIssued
) -> None:
    infos = find(issued.files["DG14"], 0x6E)
    odd = issuer.sign(issued.with_files(DG14=encode(0x6E, infos + b"\x05\x00")))
    check = inspect_issued(odd).check(CheckId.STRUCTURE)
    assert (check.status, dict(check.evidence)) == (FAILED, {"EF.DG14": "trailing-bytes"})


def test_groups_that_only_com_names_are_asked_for_and_fail(
    issued: IssuedCard, without: Without, inspect_issued: InspectIssued
) -> None:
    """LC-01, LC-02: 13, 14 and 15 on the chip and in EF.COM, but not signed."""
    bare = without(issued, 13, 14, 15)
    sneaked = replace(issued, files={**issued.files, "EF.SOD": bare.files["EF.SOD"]})
    inspection = inspect_issued(sneaked)
    assert failed(inspection) == {CheckId.COM_SOD}
    assert dict(inspection.check(CheckId.COM_SOD).evidence)["unsigned"] == "DG13 DG14 DG15"
    assert {"EF.DG13", "EF.DG14", "EF.DG15"} <= {name for name, _ in inspection.files}
    for id in (CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION):
        assert inspection.check(id).status is NOT_APPLICABLE
    assert inspection.decision is Decision.STOP


def test_content_nobody_signed_fails_without_a_com_to_name_it(genuine: Genuine) -> None:
    gathered = genuine[0]
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    hashes = tuple(entry for entry in found.listed.hashes if entry[0] != 1)
    gathered.security_object = replace(found, listed=replace(found.listed, hashes=hashes))
    gathered.com = None
    check = consistency.com_sod_check(gathered)
    assert (check.status, dict(check.evidence)["unsigned"]) == (FAILED, "DG1")
