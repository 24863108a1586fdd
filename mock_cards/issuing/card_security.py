"""EF.CardSecurity: SecurityInfos signed by the Document Signer (ICAO 9303-10 §3.11.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mock_cards import der
from mock_cards.issuing.certificates import DocumentSigner
from mock_cards.issuing.signatures import ecdsa
from mock_cards.issuing.signed_data import (
    AlterSignedData,
    SignedDataTemplate,
    SignerTemplate,
    issuer_and_serial,
    signed_attributes,
)

__all__ = ["SECURITY_OBJECT", "make_card_security"]

SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
_DIGEST = "sha256"


def make_card_security(
    infos: Iterable[bytes], signer: DocumentSigner, signed_at: datetime, alter: AlterSignedData | None = None
) -> bytes:
    """Encode EF.CardSecurity; a defect ``alter``s what is signed. The file has no tag of its own around the CMS."""
    content = der.set_of(*infos)
    by = SignerTemplate(
        signer.key,
        issuer_and_serial(signer.issuer, signer.serial),
        _DIGEST,
        ecdsa(_DIGEST),
        signed_attributes(SECURITY_OBJECT, content, _DIGEST, signed_at),
    )
    template = SignedDataTemplate(SECURITY_OBJECT, content, (signer.certificate,), (by,))
    return (alter(template) if alter else template).encoded()
