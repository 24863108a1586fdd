"""EF.CardSecurity: whether the issuer signed what the chip says of itself in the master file (ICAO 9303-11 §9.2.11).

The file is signed like EF.SOD, over another type of content. Only when signature and chain hold are its keys and infos
the issuer's; until then they are a claim of whoever lies on the reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reader.errors import DataError
from reader.genuine.passive import SecurityObject, signature_verdict
from reader.lds import CardSecurity, parse_card_security
from reader.trust import verify_signed_data
from reader.verdict import Verdict

__all__ = ["CardSecurityReason", "SignedCardSecurity", "judge_card_security"]

SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"


class CardSecurityReason(StrEnum):
    """Name the ways in which ``passive.card-security`` comes out, beyond those of a signer and of a chain."""

    MALFORMED = "malformed-card-security"
    SUPPRESSED = "suppressed"
    NOT_READ = "not-read"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class SignedCardSecurity:
    """Hold what EF.CardSecurity says, None where it cannot be read, and what its signature is worth."""

    signed: SecurityObject
    content: CardSecurity | None = None

    @property
    def proven(self) -> bool:
        """Tell whether the signature over the content verified, whoever the signer is."""
        return self.signed.proven and self.content is not None


def judge_card_security(raw: bytes) -> SignedCardSecurity:
    """Judge the signature of EF.CardSecurity as read; nothing is raised: a malformed file is a Failed verdict."""
    try:
        signed = verify_signed_data(raw, SECURITY_OBJECT)
        content = parse_card_security(raw)
        if content.content != signed.content:
            raise DataError("two contents in one file")
    except DataError as error:
        refusal = Verdict.failed(CardSecurityReason.MALFORMED, {"where": str(error)})
        return SignedCardSecurity(SecurityObject(refusal))
    signer = signed.signers[0] if signed.signers else None
    return SignedCardSecurity(
        SecurityObject(
            signature=signature_verdict(signed),
            signer=signer.certificate if signer else None,
            signed_at=signer.signing_time if signer else None,
        ),
        content,
    )
