"""The values of an inspection refuse what makes no sense, show nothing of the person, and find what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import reader.inspection
from reader.errors import DataError, DifferentDocument
from reader.files import FileId, FileRead, ReadCache, ReadOutcome
from reader.inspection import (
    Check,
    CheckId,
    CheckStatus,
    Decision,
    Inspection,
    InspectionRequest,
    Material,
    MaterialUsed,
    Policy,
)
from reader.inspection.gathered import Gathered
from reader.inspection.materials import AgeRule, fingerprint_of
from reader.inspection.resuming import Resuming


def whole(file: FileId, data: bytes = b"as read") -> FileRead:
    return FileRead(file, ReadOutcome.COMPLETE, data, len(data))


def test_a_check_needs_a_reason_and_a_pass_its_evidence() -> None:
    with pytest.raises(ValueError, match="a pass needs evidence"):
        Check(CheckId.CHAIN, CheckStatus.PASSED, "anchored")
    with pytest.raises(ValueError, match="a check needs a reason"):
        Check(CheckId.CHAIN, CheckStatus.FAILED, "")
    assert Check.unavailable(CheckId.CHAIN, "lacking").status is CheckStatus.UNAVAILABLE


def test_an_inspection_finds_its_checks_and_shows_its_decision_only(inspect_card: Callable[..., Inspection]) -> None:
    inspection = inspect_card()
    assert inspection.check(CheckId.CHAIN).id is CheckId.CHAIN
    with pytest.raises(KeyError):
        replace(inspection, checks=()).check(CheckId.CHAIN)
    assert repr(inspection) == f"Inspection(proceed, {len(CheckId)} checks)"


def test_a_request_needs_a_password_and_a_time_zone(genuine: tuple[Gathered, InspectionRequest]) -> None:
    gathered, request = genuine
    with pytest.raises(ValueError, match="password"):
        replace(request, passwords=())
    with pytest.raises(ValueError, match="time zone"):
        replace(request, moment=request.moment.replace(tzinfo=None))
    assert repr(request) == "InspectionRequest(2 passwords)"
    assert repr(gathered) == f"Gathered({len(gathered.reads)} files)"


def test_a_name_that_the_package_does_not_have_is_none() -> None:
    with pytest.raises(AttributeError):
        _ = reader.inspection.nothing_of_the_kind


@pytest.mark.parametrize(
    ("attention", "stop", "sound"),
    [
        (1, 1, True),
        (1, None, True),
        (None, None, True),
        (0, None, False),
        (2, 1, False),
        (None, 5, False),
        (1, 0, False),
    ],
)
def test_an_age_rule_calls_for_attention_before_it_stops(
    attention: int | None, stop: int | None, *, sound: bool
) -> None:
    if sound:
        rule = AgeRule(attention, stop, Decision.PROCEED, Decision.STOP)
        assert rule.weigh(timedelta(0))[1] is Decision.PROCEED
        assert rule.weigh(None)[1] is Decision.PROCEED
    else:
        with pytest.raises(DataError):
            AgeRule(attention, stop, Decision.PROCEED, Decision.STOP)


def test_trust_material_has_one_fingerprint_whatever_its_order() -> None:
    assert fingerprint_of(["b", "a"]) == fingerprint_of(["a", "b"]) != fingerprint_of(["ab"])
    assert MaterialUsed(Material.ANCHORS, "00", 1).age(datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_what_is_known_is_used_only_once_the_same_document_answers() -> None:
    """LF-07: EF.SOD and DG1, read anew, must be what they were."""
    known = ReadCache(
        (whole(FileId.SOD), whole(FileId.DG1), whole(FileId.DG2), FileRead(FileId.DG13, ReadOutcome.INTERRUPTED, b"pa"))
    )
    resuming = Resuming(known)
    assert not resuming.proven
    assert resuming.whole(FileId.DG2) is None
    resuming.compare(whole(FileId.DG14))
    resuming.compare(whole(FileId.SOD))
    assert resuming.part(FileId.DG13) is None
    assert resuming.cache([whole(FileId.SOD)]) is known, "lost again before anything was shown"
    resuming.compare(whole(FileId.DG1))
    assert resuming.proven
    assert resuming.whole(FileId.DG2) == known.whole(FileId.DG2)
    assert resuming.part(FileId.DG13) == known.part(FileId.DG13)
    resuming.keep_part(FileRead(FileId.DG13, ReadOutcome.INTERRUPTED, b"part"))
    kept = resuming.cache([whole(FileId.SOD), whole(FileId.DG1)])
    assert kept.part(FileId.DG13) == FileRead(FileId.DG13, ReadOutcome.INTERRUPTED, b"part")
    assert kept.whole(FileId.DG2) == known.whole(FileId.DG2)


def test_another_document_is_told_and_nothing_of_the_first_is_used() -> None:
    """LF-08."""
    resuming = Resuming(ReadCache((whole(FileId.SOD), whole(FileId.DG1))))
    with pytest.raises(DifferentDocument):
        resuming.compare(whole(FileId.SOD, b"another"))


def test_a_document_that_can_no_longer_be_shown_to_be_the_same_is_read_from_the_start() -> None:
    resuming = Resuming(ReadCache((whole(FileId.SOD), whole(FileId.DG1), whole(FileId.DG2))))
    resuming.compare(FileRead(FileId.SOD, ReadOutcome.TRUNCATED, b"as"))
    assert not resuming.proven
    assert resuming.whole(FileId.DG2) is None
    assert resuming.cache([whole(FileId.SOD)]).whole(FileId.DG2) is None


@pytest.mark.parametrize("known", [None, ReadCache(), ReadCache((whole(FileId.DG1), whole(FileId.DG2)))])
def test_without_both_files_nothing_can_be_shown(known: ReadCache | None) -> None:
    resuming = Resuming(known)
    resuming.compare(whole(FileId.SOD))
    resuming.compare(whole(FileId.DG1))
    assert not resuming.proven


def test_the_portrait_is_decoded_where_it_is_wanted(inspect_card: Callable[..., Inspection]) -> None:
    inspection = inspect_card(decode_portrait=True)
    assert inspection.portrait is not None
    assert "portrait" in dict(inspection.timings)


def test_a_portrait_that_no_decoder_takes_is_a_warning_and_ends_nothing(
    inspect_card: Callable[..., Inspection], policy: Policy
) -> None:
    inspection = inspect_card("nguyen-van-mau", "portrait-huge", decode_portrait=True)
    assert inspection.portrait is None
    assert "portrait-unreadable" in {note.code for note in inspection.check(CheckId.STRUCTURE).notes}
