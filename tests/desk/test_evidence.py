"""An evidence file: judged again elsewhere it says the same, and no bit of it can be changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.wire.endpoint import DeviceCredential
from desk.evidence import (
    MAX_EVIDENCE_BYTES,
    EvidenceDamaged,
    EvidenceFile,
    read_evidence,
    write_evidence,
)
from desk.inspecting import materials_of
from desk.inspection_report import canonical
from desk.verifying import Station, verify_evidence
from mock_cards.build import CardFactory
from mock_cards.forgeries import FORGERIES
from reader.access import Can, MrzKey
from reader.errors import DataError
from reader.files import FileId
from reader.inspection import CheckId, CheckStatus, Decision, Inspection, InspectionRequest, Policy, inspect
from reader.lds import mrz_key, parse_mrz
from reader.trust import TrustMaterial

MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
# A few of the cards that open, the genuine one first.
READABLE = [(), *((forgery.name,) for forgery in FORGERIES if forgery.decision)]
NUMBER = "099090000001"

Read = Callable[..., Inspection]


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("evidence")


@pytest.fixture(scope="module")
def trust(factory: CardFactory) -> TrustMaterial:
    return TrustMaterial.of(factory.anchors)


@pytest.fixture(scope="module")
def read(factory: CardFactory, trust: TrustMaterial) -> Read:
    def read(*forgeries: str, trusting: TrustMaterial = trust) -> Inspection:
        card = factory.build("nguyen-van-mau", forgeries)
        card.card.power_on()
        fields = mrz_key(parse_mrz("".join(card.mrz.split())))
        request = InspectionRequest(
            passwords=(
                Can.from_personal_number(card.personal_number),
                MrzKey(fields.document_number, fields.date_of_birth, fields.date_of_expiry),
            ),
            trust=trusting,
            policy=Policy.shipped(),
            moment=MOMENT,
            personal_number=card.personal_number,
            materials=materials_of(trusting, MOMENT),
        )
        return inspect(card.card, request)

    return read


@pytest.fixture(scope="module")
def station() -> DeviceCredential:
    return DeviceCredential("desk-099-3", SoftwareSigner.generate())


@pytest.fixture(scope="module")
def key(station: DeviceCredential) -> DeviceKey:
    assert isinstance(station.signer, SoftwareSigner)
    return DeviceKey.from_pem(station.signer.public_pem())


@pytest.fixture(scope="module")
def inspection(read: Read) -> Inspection:
    return read()


@pytest.fixture(scope="module")
def signed(inspection: Inspection, station: DeviceCredential) -> bytes:
    return write_evidence(inspection, station)


@pytest.fixture(scope="module")
def small(inspection: Inspection, station: DeviceCredential) -> bytes:
    """Return a signed file without the portrait, so that all of it can be walked."""
    assert inspection.record is not None
    reads = tuple(one for one in inspection.record.reads if one.file not in (FileId.DG2, FileId.SOD, FileId.DG13))
    return write_evidence(replace(inspection, record=replace(inspection.record, reads=reads)), station)


def sealed(content: Any) -> bytes:
    """Write a file whose digest is right, as anybody can who has no key."""
    whole = {"evidence": content["evidence"], "signature": content["signature"]}
    return canonical(whole | {"sha256": hashlib.sha256(canonical(whole)).hexdigest()})


def test_what_was_read_is_written_whole_and_read_again(inspection: Inspection, signed: bytes) -> None:
    evidence = read_evidence(signed)
    assert evidence.record == inspection.record
    assert evidence.report.decision == inspection.decision
    assert [check.id for check in evidence.report.checks] == [str(check.id) for check in inspection.checks]
    assert canonical(json.loads(signed)) == signed


@pytest.mark.parametrize("forgery", READABLE[::12], ids=" ".join)
def test_judged_again_by_the_same_trust_every_check_comes_out_the_same(
    read: Read, trust: TrustMaterial, station: DeviceCredential, key: DeviceKey, forgery: tuple[str, ...]
) -> None:
    inspection = read(*forgery)
    verified = verify_evidence(
        read_evidence(write_evidence(inspection, station)), trust, Policy.shipped(), [key], MOMENT
    )
    assert tuple(one.check for one in verified.checks) == inspection.checks
    assert all(one.reported == one.check.status for one in verified.checks)
    assert (verified.decision, verified.station) == (inspection.decision, Station.KNOWN)
    assert verified.identity == inspection.identity


def test_a_verifier_with_the_issuers_certificate_proves_what_the_desk_could_not(
    read: Read, trust: TrustMaterial, station: DeviceCredential, key: DeviceKey
) -> None:
    inspection = read(trusting=TrustMaterial())
    assert inspection.decision is Decision.ATTENTION
    evidence = read_evidence(write_evidence(inspection, station))
    verified = verify_evidence(evidence, trust, Policy.shipped(), [key], MOMENT)
    assert verified.decision is Decision.PROCEED, verified.reasons
    without = verify_evidence(evidence, TrustMaterial(), Policy.shipped(), [key], MOMENT)
    assert without.decision is Decision.ATTENTION


@pytest.mark.parametrize("signing", ["unsigned", "unknown"])
def test_the_inspectors_word_of_nobody_known_is_worth_attention_at_most(
    inspection: Inspection, trust: TrustMaterial, station: DeviceCredential, signing: str
) -> None:
    evidence = read_evidence(write_evidence(inspection, station if signing == "unknown" else None))
    verified = verify_evidence(evidence, trust, Policy.shipped(), (), MOMENT)
    told = {"unsigned": Station.UNSIGNED, "unknown": Station.UNKNOWN}[signing]
    assert (verified.decision, verified.station) == (Decision.ATTENTION, told)
    assert verified.reasons == (("evidence.station", told.value),)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    empty = True
    for name, child in children:
        empty = False
        yield from leaves(child, (*path, name))
    if empty and path:
        yield path


def altered(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return ("B" if value[:1] == "A" else "A") + value[1:]
        case None:
            return "A"
        case list():
            return ["A"]
        case _:
            return {"A": "A"}


@pytest.mark.parametrize("whole", [False, True], ids=["without the large files", "all files"])
def test_no_field_can_be_changed_under_the_stations_signature(
    small: bytes, signed: bytes, whole: bool, trust: TrustMaterial, key: DeviceKey
) -> None:
    """One changed value in any field, digest made right again: no file, or no longer this station's."""
    raw = signed if whole else small
    assert read_evidence(raw).signed_by(key)
    paths = list(leaves(json.loads(raw)))
    assert len(paths) > 200
    refused = 0
    for path in paths:
        content = json.loads(raw)
        place = content
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = altered(place[path[-1]])
        try:
            evidence = read_evidence(sealed(content))
        except EvidenceDamaged:
            refused += 1
            continue
        if path == ("sha256",):
            continue
        assert not evidence.signed_by(key), path
        verified = verify_evidence(evidence, trust, Policy.shipped(), [key], MOMENT)
        if path == ("signature", "key_id"):
            assert verified.station is Station.UNKNOWN
        else:
            assert (verified.station, verified.decision) == (Station.FORGED, Decision.STOP), path
    assert refused < len(paths)


def test_no_bit_can_be_flipped(small: bytes) -> None:
    """Every thirteenth byte here, another bit of each; the long run takes them all."""
    for place in range(0, len(small), 13):
        assert_refused(small, place, place // 13 % 8)


@pytest.mark.soak
def test_no_bit_at_all_can_be_flipped(small: bytes) -> None:
    for place in range(len(small)):
        for bit in range(8):
            assert_refused(small, place, bit)


def assert_refused(raw: bytes, place: int, bit: int) -> None:
    changed = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
    with pytest.raises(EvidenceDamaged):
        read_evidence(changed)


def test_nothing_can_be_cut_off_or_put_on(signed: bytes) -> None:
    for changed in (signed[:-1], signed[1:], signed + b"\n", b" " + signed, signed + signed, b"", b"{}", b"[]"):
        with pytest.raises(EvidenceDamaged):
            read_evidence(changed)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"evidence":NaN,"sha256":"","signature":null}',
        b" " * (MAX_EVIDENCE_BYTES + 1),
    ],
    ids=["no text", "deep list", "deep object", "long number", "not a number", "large"],
)
def test_what_is_no_evidence_file_is_refused_within_bounds(raw: bytes) -> None:
    with pytest.raises(EvidenceDamaged):
        read_evidence(raw)


@given(raw=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(EvidenceDamaged):
        read_evidence(raw)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("evidence", "format"), "other"),
        (("evidence", "version"), 2),
        (("evidence", "record", "moment"), "yesterday"),
        (("evidence", "record", "moment"), "2026-11-01T09:00:00"),
        (("evidence", "record", "moment"), "0001-01-01T00:00:00+14:00"),
        (("evidence", "record", "moment"), "9999-12-31T23:59:59-12:00"),
        (("evidence", "record", "files", 0, "file"), "EF.DG99"),
        (("evidence", "record", "files", 0, "file"), "EF.DG14"),
        (("evidence", "record", "files", 0, "outcome"), "whole"),
        (("evidence", "record", "files", 0, "data"), "AB=="),
        (("evidence", "record", "files", 0, "data"), "A"),
        (("evidence", "record", "channel", "suite"), "ROT13"),
        (("evidence", "record", "channel", "protocol"), "telepathy"),
        (("evidence", "record", "channel", "pace"), "AAAA"),
        (("evidence", "record", "channel", "card_access", "data"), ""),
        (("evidence", "record", "channel", "card_access", "data"), "AAAA"),
        (("evidence", "record", "key_check", "evidence"), []),
        (("evidence", "record", "key_check", "status"), "believed"),
        (("signature", "value"), "AB=="),
        (("signature", "algorithm"), "none"),
    ],
)
def test_a_record_that_no_inspection_makes_is_refused(signed: bytes, path: tuple[Any, ...], value: Any) -> None:
    content = json.loads(signed)
    place = content
    for name in path[:-1]:
        place = place[name]
    assert place[path[-1]] != value
    place[path[-1]] = value
    with pytest.raises(EvidenceDamaged):
        read_evidence(sealed(content))


def test_a_report_that_its_own_files_contradict_stops(
    signed: bytes, trust: TrustMaterial, station: DeviceCredential, read: Read, key: DeviceKey
) -> None:
    """The station may be broken into: what the files show counts, not what it says of them."""
    forged = read("dg1-sex-changed")
    lying = replace(
        forged,
        decision=Decision.PROCEED,
        findings=(),
        checks=tuple(
            replace(check, status=CheckStatus.PASSED, evidence=(("by", "me"),))
            if check.status is CheckStatus.FAILED
            else check
            for check in forged.checks
        ),
    )
    verified = verify_evidence(read_evidence(write_evidence(lying, station)), trust, Policy.shipped(), [key], MOMENT)
    assert verified.station is Station.KNOWN
    assert verified.decision is Decision.STOP
    assert ("evidence.report", "report-differs") in verified.reasons
    assert ("passive.data-group-hashes", "hash-mismatch") in verified.reasons


def test_an_evidence_file_names_no_secret_and_its_values_show_nothing(signed: bytes, inspection: Inspection) -> None:
    evidence = read_evidence(signed)
    assert isinstance(evidence, EvidenceFile)
    assert repr(evidence) == "EvidenceFile(signed)"
    content = json.loads(signed)["evidence"]
    assert content["record"]["channel"]["password"] == "can"
    assert NUMBER[-6:] not in json.dumps({**content, "record": {**content["record"], "files": []}})


def test_an_inspection_without_a_record_gives_no_evidence(inspection: Inspection) -> None:
    with pytest.raises(ValueError, match="record"):
        write_evidence(replace(inspection, record=None))
    with pytest.raises(DataError):
        DeviceKey.from_pem(b"")


def test_the_proofs_that_travel_are_named(signed: bytes, trust: TrustMaterial, key: DeviceKey) -> None:
    """CH-18: Active Authentication convinces anybody, Chip Authentication nobody who was not there."""
    verified = verify_evidence(read_evidence(signed), trust, Policy.shipped(), [key], MOMENT)
    basis = {one.check.id: one.basis.value for one in verified.checks}
    assert basis[CheckId.ACTIVE_AUTHENTICATION] == "transferable-proof"
    assert basis[CheckId.CHIP_AUTHENTICATION] == "inspectors-word"
    assert basis[CheckId.SECURE_MESSAGING] == "inspectors-word"
