"""The signature of a PDF as pyHanko reads it: one signature, PAdES, over the whole file, by a device's certificate.

The file comes from anybody, and the library was not written for hostile ones: whatever it raises says that this is no
slip, and nothing of its text is told.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import PdfSignatureStatus, SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from auth.device.certificate import DeviceCertificate
from desk.slip.record import SlipDamaged

__all__ = ["PageSignature", "read_page"]

_SUBFILTER = "/ETSI.CAdES.detached"
# What it has to say of a file it says by its verdicts; its log would name whoever stands in a certificate.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class PageSignature:
    """Hold what the signature says; ``above`` is the whole path by which an authority vouches for its key."""

    certificate: DeviceCertificate
    above: tuple[bytes, ...]
    intact: bool
    whole: bool
    trusted: bool
    signed_at: datetime | None


def read_page(pdf: BytesIO, authorities: Sequence[bytes]) -> tuple[str, PageSignature | None]:
    """Return who made the page, as it says itself, and its signature; raise SlipDamaged for what is no slip."""
    try:
        reader = PdfFileReader(pdf, strict=True)
        creator = str(reader.trailer["/Info"]["/Creator"])
        signatures = list(reader.embedded_signatures)
        if len(signatures) > 1:
            raise SlipDamaged("more than one signature")
        return creator, _judged(signatures[0], authorities) if signatures else None
    except SlipDamaged:
        raise
    except Exception as error:  # a foreign parser of hostile bytes may raise anything
        raise SlipDamaged(type(error).__name__) from None


def _judged(signature: EmbeddedPdfSignature, authorities: Sequence[bytes]) -> PageSignature:
    if signature.sig_object.get("/SubFilter") != _SUBFILTER:
        raise SlipDamaged("another kind of signature")
    certificate = DeviceCertificate.parse(signature.signer_cert.dump())
    at = signature.self_reported_timestamp
    signed_at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    # Whether the certificate has run out since is judged by whoever asks; here it is held against its own moment.
    inside = signed_at is not None and certificate.not_before <= signed_at < certificate.not_after
    moment = signed_at if signed_at is not None and inside else certificate.not_before
    status = _status(signature, authorities, moment)
    path = status.validation_path
    above = tuple(one.dump() for one in path) if status.trusted and path is not None else ()
    return PageSignature(
        certificate=certificate,
        above=above,
        intact=status.intact and status.valid,
        whole=signature.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE,
        trusted=status.trusted and certificate.signs_documents,
        signed_at=signed_at,
    )


def _status(signature: EmbeddedPdfSignature, authorities: Sequence[bytes], moment: datetime) -> PdfSignatureStatus:
    roots = [loaded for anchor in authorities for loaded in load_certs_from_pemder_data(anchor)]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment, revocation_mode="soft-fail")
    return validate_pdf_signature(signature, signer_validation_context=context, skip_diff=True)
