"""What an issuing State published about its own documents: a failure becomes a question, never a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mock_cards import der
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.certificates import Validity, key_id_of, signer_template
from mock_cards.issuing.extensions import extended_key_usage
from mock_cards.issuing.lists import DEVIATION_LIST, DEVIATION_LIST_SIGNER_USE, make_deviation_list
from mock_cards.issuing.lists import Deviation as Written
from mock_cards.issuing.signatures import ecdsa
from mock_cards.issuing.signed_data import (
    SignedDataTemplate,
    SignerTemplate,
    signed_attributes,
    subject_key_identifier,
)
from mock_cards.keys import new_ec_key, seeded_rng
from reader.crypto import curve_by_name
from reader.files import FileId
from reader.genuine import ActiveReason, DigestReason, judge_security_object
from reader.inspection import REASONS, Check, CheckId, CheckStatus, Decision, Inspection
from reader.inspection.deviations import apply_deviations
from reader.inspection.gathered import Gathered
from reader.inspection.reasons import Reason
from reader.trust import ChainReason, Deviation, DeviationKind, SignerFault, TrustMaterial

INCONCLUSIVE = CheckStatus.INCONCLUSIVE


@pytest.fixture
def publish(issuer: Issuer, issued: IssuedCard) -> Callable[..., TrustMaterial]:
    """Return a function that publishes deviations of the card's Document Signer, signed under the card's own CSCA."""

    def published(kind: str, parameter: bytes = b"", *, number: str = "") -> TrustMaterial:
        key = new_ec_key(curve_by_name("brainpoolP256r1"), seeded_rng("deviations"))
        validity = Validity.of_years(date(2024, 1, 1), 5, 900)
        template = signer_template(key, issuer.country, validity, 77, common_name="TEST Deviation List Signer")
        signer = template.with_extension(extended_key_usage(DEVIATION_LIST_SIGNER_USE)).issue(issuer.country.key)
        content = make_deviation_list([Written("ID", _signer_key_id(issued), kind, "as published", parameter)])
        attributes = signed_attributes(DEVIATION_LIST, content, "sha256", datetime(2025, 6, 1, tzinfo=UTC))
        by = SignerTemplate(key, subject_key_identifier(key_id_of(key)), "sha256", ecdsa("sha256"), attributes)
        signed = SignedDataTemplate(DEVIATION_LIST, content, (signer,), (by,)).encoded()
        trust = TrustMaterial.of([issuer.country.certificate], deviation_lists=[signed])
        assert len(trust.deviations.lists) == 1
        return trust

    return published


def _signer_key_id(issued: IssuedCard) -> bytes:
    signer = judge_security_object(issued.files["EF.SOD"]).signer
    assert signer is not None
    return signer.subject_key_id or b""


def test_a_wrong_digest_that_was_published_is_a_question_for_a_person(
    inspect_issued: Callable[..., Inspection], issued: IssuedCard, publish: Callable[..., TrustMaterial]
) -> None:
    dg2 = issued.files["DG2"]
    damaged = issued.with_files(DG2=dg2[:-1] + bytes((dg2[-1] ^ 1,)))
    without = inspect_issued(damaged)
    assert without.check(CheckId.HASHES).reason == DigestReason.MISMATCH
    inspection = inspect_issued(damaged, trust=publish("2.2", der.integer(2)))
    check = inspection.check(CheckId.HASHES)
    assert (check.status, check.reason) == (INCONCLUSIVE, Reason.KNOWN_DEVIATION)
    assert dict(check.evidence)["without-it"] == DigestReason.MISMATCH
    assert dict(check.evidence)["differing"] == "DG2"
    assert [(note.code, note.severity) for note in check.notes] == [("known-deviation", "warning")]
    assert inspection.decision is Decision.ATTENTION


@pytest.mark.parametrize(("kind", "parameter"), [("2.2", der.integer(13)), ("2.1", der.integer(2)), ("9.9", b"")])
def test_another_deviation_than_the_one_there_is_explains_nothing(
    inspect_issued: Callable[..., Inspection],
    issued: IssuedCard,
    publish: Callable[..., TrustMaterial],
    kind: str,
    parameter: bytes,
) -> None:
    dg2 = issued.files["DG2"]
    damaged = issued.with_files(DG2=dg2[:-1] + bytes((dg2[-1] ^ 1,)))
    inspection = inspect_issued(damaged, trust=publish(kind, parameter))
    assert inspection.check(CheckId.HASHES).status is CheckStatus.FAILED
    assert inspection.decision is Decision.STOP


def test_a_genuine_card_is_no_worse_for_a_deviation_that_it_does_not_have(
    inspect_issued: Callable[..., Inspection], issued: IssuedCard, publish: Callable[..., TrustMaterial]
) -> None:
    inspection = inspect_issued(issued, trust=publish("2.2", der.integer(2)))
    assert inspection.decision is Decision.PROCEED


def test_a_key_that_others_may_know_proves_nothing(
    inspect_issued: Callable[..., Inspection], issued: IssuedCard, publish: Callable[..., TrustMaterial]
) -> None:
    check = inspect_issued(issued, trust=publish("1.4")).check(CheckId.ACTIVE_AUTHENTICATION)
    assert (check.status, check.reason) == (INCONCLUSIVE, Reason.KNOWN_DEVIATION)
    assert dict(check.evidence)["without-it"] == ActiveReason.VERIFIED


def explained(gathered: Gathered, check: Check, *deviations: Deviation) -> Check:
    return apply_deviations((check,), replace(gathered, deviations=deviations))[0]


def failed(id: CheckId, reason: str, **evidence: str) -> Check:
    return Check.failed(id, reason, {name.replace("_", "-"): value for name, value in evidence.items()})


@pytest.mark.parametrize(
    ("check", "kind", "parameter"),
    [
        (failed(CheckId.SOD_SIGNATURE, SignerFault.SIGNATURE_INVALID), DeviationKind.SOD_SIGNATURE_WRONG, ""),
        (failed(CheckId.CHAIN, ChainReason.UNTRUSTED), DeviationKind.DS_SIGNATURE, ""),
        (failed(CheckId.CHAIN, ChainReason.CRITICAL_EXTENSION), DeviationKind.DS_ENCODING, "2.5.29.15"),
        (failed(CheckId.CHAIN, ChainReason.ANCHOR_NOT_AUTHORITY), DeviationKind.CSCA_ENCODING, ""),
        (failed(CheckId.HASHES, DigestReason.MISMATCH, differing="DG2"), DeviationKind.GROUP_HASH_WRONG, "2"),
        (Check.failed(CheckId.STRUCTURE, Reason.MALFORMED_FILE, {"EF.DG2": "x"}), DeviationKind.GROUP_MALFORMED, "2"),
        (Check.failed(CheckId.STRUCTURE, Reason.MALFORMED_FILE, {"EF.COM": "x"}), DeviationKind.GROUP_MALFORMED, "21"),
        (Check.failed(CheckId.STRUCTURE, Reason.MALFORMED_FILE, {"EF.SOD": "x"}), DeviationKind.GROUP_MALFORMED, "20"),
        (failed(CheckId.COM_SOD, Reason.VERSION_MISMATCH), DeviationKind.COM_INCONSISTENT, ""),
        (
            failed(CheckId.MRZ_CHECK_DIGITS, Reason.CHECK_DIGIT_WRONG, wrong="date-of-birth composite"),
            DeviationKind.MRZ_WRONG_CHECK_DIGIT,
            "6",
        ),
        (failed(CheckId.DG1_DG13, Reason.GROUPS_DIFFER, differing="sex expiry"), DeviationKind.MRZ_WRONG_DATA, "0"),
        (failed(CheckId.DG1_DG13, Reason.GROUPS_DIFFER, differing="expiry"), DeviationKind.MRZ_WRONG_DATA, "8"),
    ],
)
def test_each_kind_explains_its_check(
    genuine: tuple[Gathered, Any], check: Check, kind: DeviationKind, parameter: str
) -> None:
    found = explained(genuine[0], check, Deviation(kind, parameter))
    assert (found.status, found.reason) == (INCONCLUSIVE, Reason.KNOWN_DEVIATION)
    assert found.reason in REASONS[check.id][INCONCLUSIVE]
    assert dict(found.evidence)["deviation"] == kind
    others = [Deviation(other, parameter) for other in DeviationKind if other is not kind]
    assert explained(genuine[0], check, *others).status is CheckStatus.FAILED or kind in (
        DeviationKind.DS_ENCODING,
        DeviationKind.CSCA_ENCODING,
    )


@pytest.mark.parametrize(
    ("check", "kind", "parameter"),
    [
        (failed(CheckId.HASHES, DigestReason.MISMATCH, differing="DG2 DG13"), DeviationKind.GROUP_HASH_WRONG, "2"),
        (Check.failed(CheckId.STRUCTURE, Reason.MALFORMED_FILE, {"EF.DG2": "x"}), DeviationKind.GROUP_MALFORMED, ""),
        (
            failed(CheckId.MRZ_CHECK_DIGITS, Reason.CHECK_DIGIT_WRONG, wrong="date-of-birth"),
            DeviationKind.MRZ_WRONG_CHECK_DIGIT,
            "4",
        ),
        (failed(CheckId.DG1_DG13, Reason.GROUPS_DIFFER, differing="name"), DeviationKind.MRZ_WRONG_DATA, "99"),
        (failed(CheckId.CHAIN, ChainReason.DISTRUSTED), DeviationKind.DS_SIGNATURE, ""),
        (failed(CheckId.SOD_SIGNATURE, SignerFault.KEY_REFUSED), DeviationKind.SOD_SIGNATURE_WRONG, ""),
    ],
)
def test_what_is_not_covered_stays_failed(
    genuine: tuple[Gathered, Any], check: Check, kind: DeviationKind, parameter: str
) -> None:
    assert explained(genuine[0], check, Deviation(kind, parameter)) == check


def test_a_group_that_is_really_there_unsigned_is_no_slip_in_ef_com(genuine: tuple[Gathered, Any]) -> None:
    gathered, _ = genuine
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    fewer = tuple(entry for entry in found.listed.hashes if entry[0] != 13)
    unsigned = replace(gathered, security_object=replace(found, listed=replace(found.listed, hashes=fewer)))
    check = failed(CheckId.COM_SOD, Reason.UNSIGNED_CONTENT)
    assert explained(unsigned, check, Deviation(DeviationKind.COM_INCONSISTENT)) == check
    assert FileId.DG13 in gathered.reads
