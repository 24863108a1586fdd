"""Judging a slip that somebody brings: who signed it, whether all of it is signed, and whether its twin belongs to it.

What nobody can tell from the files is told as that: without a time-stamp the moment of signing is the device's own
word, and whether its certificate was revoked since is for whoever issued it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from desk.slip.record import SlipDamaged, SlipHead, read_slip_record, record_digest
from reader.errors import DataError
from reader.inspection.decision import Decision

if TYPE_CHECKING:
    from auth.device.certificate import DeviceCertificate

__all__ = ["MAX_SLIP_PAGE", "SignedPage", "SlipReason", "SlipVerification", "is_slip_page", "verify_slip"]

MAX_SLIP_PAGE = 16 << 20
_CREATOR = re.compile(r"motcua \S{1,30}; slip\.json SHA-256 ([0-9a-f]{64})(; TEST)?")
# A clock may be ahead of ours by this much.
_AHEAD = timedelta(hours=1)


class SlipReason(StrEnum):
    """Name what was found of a slip."""

    SIGNATURE_INVALID = "slip-signature-invalid"
    CHANGED_AFTER = "slip-changed-after-signing"
    RECORD_DIFFERS = "slip-record-differs"
    RECORD_DAMAGED = "slip-record-damaged"
    ANOTHER_DEVICE = "slip-of-another-device"
    TEST_AS_REAL = "slip-test-as-real"
    OUT_OF_VALIDITY = "slip-signed-out-of-validity"
    NOT_SIGNED = "slip-not-signed-by-anybody"
    UNKNOWN_AUTHORITY = "slip-authority-unknown"
    CERTIFICATE_EXPIRED = "slip-certificate-expired"
    IN_THE_FUTURE = "slip-signed-in-the-future"
    RECORD_MISSING = "slip-record-missing"
    TEST = "slip-is-a-test"


_DECISIONS = {
    SlipReason.SIGNATURE_INVALID: Decision.STOP,
    SlipReason.CHANGED_AFTER: Decision.STOP,
    SlipReason.RECORD_DIFFERS: Decision.STOP,
    SlipReason.RECORD_DAMAGED: Decision.STOP,
    SlipReason.ANOTHER_DEVICE: Decision.STOP,
    SlipReason.TEST_AS_REAL: Decision.STOP,
    SlipReason.OUT_OF_VALIDITY: Decision.STOP,
}
_WEIGHT = {Decision.STOP: 0, Decision.ATTENTION: 1, Decision.PROCEED: 2}


@dataclass(frozen=True, slots=True)
class SignedPage:
    """Hold what the signature of a page says; ``trusted`` whether one of the given authorities vouches for its key.

    ``signed_at`` is the device's own word.
    """

    certificate: DeviceCertificate
    intact: bool
    whole: bool
    trusted: bool
    signed_at: datetime | None
    test: bool


@dataclass(frozen=True, slots=True, repr=False)
class SlipVerification:
    """Hold what came of a slip; ``reasons`` stand the weightiest first, none for one that may be relied on."""

    decision: Decision
    reasons: tuple[SlipReason, ...]
    page: SignedPage | None
    head: SlipHead | None
    digest: str
    test: bool

    def __repr__(self) -> str:
        """Show the decision only."""
        return f"SlipVerification({self.decision})"


def is_slip_page(raw: bytes) -> bool:
    """Tell whether a file is a PDF, which of all that is verified only a slip is."""
    return raw.startswith(b"%PDF-")


def verify_slip(
    pdf: bytes, record: bytes | None, authorities: Sequence[bytes], now: datetime | None = None
) -> SlipVerification:
    """Judge a slip's page, and its slip.json where there is one, by the certificates of ``authorities``, DER.

    Raise SlipDamaged for a file that is no slip at all.
    """
    moment = now or datetime.now(UTC)
    digest, marked, page = _read_page(pdf, authorities)
    head, of_record = _read_record(record, digest)
    said_test = marked or (head is not None and head.test)
    test = said_test or (page is not None and page.test)
    reasons = [*of_record]
    if page is None:
        reasons.append(SlipReason.NOT_SIGNED)
    else:
        reasons += _of_signature(page, moment)
        if head is not None and (head.maker.device.device_id, head.maker.device.key_id) != (
            page.certificate.device_id,
            page.certificate.key_id,
        ):
            reasons.append(SlipReason.ANOTHER_DEVICE)
        if page.test and not said_test:
            reasons.append(SlipReason.TEST_AS_REAL)
    if head is not None and head.test != marked:
        reasons.append(SlipReason.TEST_AS_REAL)
    if test:
        reasons.append(SlipReason.TEST)
    ordered = sorted(dict.fromkeys(reasons), key=lambda reason: _WEIGHT[_decision_of(reason)])
    decision = _decision_of(ordered[0]) if ordered else Decision.PROCEED
    return SlipVerification(decision, tuple(ordered), page, head, digest, test)


def _decision_of(reason: SlipReason) -> Decision:
    return _DECISIONS.get(reason, Decision.ATTENTION)


def _of_signature(page: SignedPage, now: datetime) -> list[SlipReason]:
    found = []
    if not page.intact:
        found.append(SlipReason.SIGNATURE_INVALID)
    if not page.whole:
        found.append(SlipReason.CHANGED_AFTER)
    if not page.trusted:
        found.append(SlipReason.UNKNOWN_AUTHORITY)
    certificate, at = page.certificate, page.signed_at
    if at is None or not certificate.not_before - _AHEAD <= at < certificate.not_after:
        found.append(SlipReason.OUT_OF_VALIDITY)
    elif at > now + _AHEAD:
        found.append(SlipReason.IN_THE_FUTURE)
    if now >= certificate.not_after:
        found.append(SlipReason.CERTIFICATE_EXPIRED)
    return found


def _read_record(record: bytes | None, digest: str) -> tuple[SlipHead | None, list[SlipReason]]:
    """Read the twin; one that is not the signed one says nothing, whatever it says."""
    if record is None:
        return None, [SlipReason.RECORD_MISSING]
    if record_digest(record) != digest:
        return None, [SlipReason.RECORD_DIFFERS]
    try:
        return read_slip_record(record), []
    except SlipDamaged:
        return None, [SlipReason.RECORD_DAMAGED]


def _read_page(pdf: bytes, authorities: Sequence[bytes]) -> tuple[str, bool, SignedPage | None]:
    """Return the digest that the page names, whether it is marked as a test, and its signature if it has one."""
    # What slips are written as has neither, and both would let a small file unpack into a large one.
    if not pdf.startswith(b"%PDF-1.4") or len(pdf) > MAX_SLIP_PAGE or b"/ObjStm" in pdf or b"/XRef" in pdf:
        raise SlipDamaged("not written as slips are")
    # Imported here: nobody who verifies something else waits for the library.
    from desk.slip.page_signature import read_page

    creator, signature = read_page(BytesIO(pdf), authorities)
    named = _CREATOR.fullmatch(creator)
    if named is None:
        raise SlipDamaged("names no slip.json")
    page = None
    if signature is not None:
        page = SignedPage(
            certificate=signature.certificate,
            intact=signature.intact,
            whole=signature.whole,
            trusted=signature.trusted,
            signed_at=signature.signed_at,
            test=any(map(_is_test, (signature.certificate.der, *signature.above))),
        )
    return named[1], named[2] is not None, page


def _is_test(der: bytes) -> bool:
    # Imported here: a window that has no slip to verify need not wait for it.
    from reader.trust import Certificate

    try:
        return Certificate.parse(der).is_test
    except DataError:
        # A certificate that our own reader refuses vouches for nothing that is real.
        return True
