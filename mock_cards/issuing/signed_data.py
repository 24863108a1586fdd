"""CMS SignedData, drawn up as a template that a defect can alter before it is signed (RFC 5652 §5).

EF.SOD, EF.CardSecurity, master lists and deviation lists are all made of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from mock_cards import der
from mock_cards.issuing.signatures import Key, SignatureScheme, digest_algorithm, sign
from reader.iso7816 import encode

__all__ = [
    "CONTENT_TYPE",
    "MESSAGE_DIGEST",
    "SIGNING_TIME",
    "AlterSignedData",
    "Attribute",
    "SignedDataTemplate",
    "SignerTemplate",
    "issuer_and_serial",
    "message_digest",
    "signed_attributes",
    "subject_key_identifier",
]

CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNED_DATA = "1.2.840.113549.1.7.2"


@dataclass(frozen=True, slots=True)
class Attribute:
    """Hold one signed attribute: its object identifier and its values, each encoded."""

    oid: str
    values: tuple[bytes, ...]

    def encoded(self) -> bytes:
        """Encode it."""
        return der.sequence(der.object_identifier(self.oid), der.set_of(*self.values))


@dataclass(frozen=True, slots=True, repr=False)
class SignerTemplate:
    """Hold what one SignerInfo will say.

    ``identifier`` is encoded; ``digest`` names the hash of the content; ``ordered`` False stores the attributes as they
    come, though they are signed in DER order. ``signed_with`` names another scheme than the one that is said.
    """

    key: Key
    identifier: bytes
    digest: str
    scheme: SignatureScheme
    attributes: tuple[Attribute, ...]
    ordered: bool = True
    signed_with: SignatureScheme | None = None

    def with_attribute(self, attribute: Attribute) -> SignerTemplate:
        """Put an attribute in, in place of one of the same kind."""
        return replace(self, attributes=(*self.without_attribute(attribute.oid).attributes, attribute))

    def without_attribute(self, oid: str) -> SignerTemplate:
        """Leave an attribute out."""
        return replace(self, attributes=tuple(one for one in self.attributes if one.oid != oid))

    def encoded(self) -> bytes:
        """Sign, and encode the SignerInfo.

        What is signed is the SET itself; what is stored is the same under the implicit tag [0] (RFC 5652 §5.4).
        """
        parts = [attribute.encoded() for attribute in self.attributes]
        signature = sign(self.key, self.signed_with or self.scheme, encode(0x31, b"".join(sorted(parts))))
        return der.sequence(
            der.integer(3 if self.identifier[:1] == b"\x80" else 1),
            self.identifier,
            digest_algorithm(self.digest),
            encode(0xA0, b"".join(sorted(parts) if self.ordered else parts)) if parts else b"",
            self.scheme.identifier,
            der.octet_string(signature),
        )


@dataclass(frozen=True, slots=True, repr=False)
class SignedDataTemplate:
    """Hold what a SignedData will say; ``content`` None leaves the content out."""

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    signers: tuple[SignerTemplate, ...]

    def with_signer(self, change: Callable[[SignerTemplate], SignerTemplate]) -> SignedDataTemplate:
        """Change every signer."""
        return replace(self, signers=tuple(change(signer) for signer in self.signers))

    def encoded(self) -> bytes:
        """Sign, and encode the ContentInfo."""
        content = b"" if self.content is None else der.explicit(0, der.octet_string(self.content))
        digests = dict.fromkeys(digest_algorithm(signer.digest) for signer in self.signers)
        signed_data = der.sequence(
            der.integer(3),
            der.set_of(*digests),
            der.sequence(der.object_identifier(self.content_type), content),
            encode(0xA0, b"".join(sorted(self.certificates))) if self.certificates else b"",
            der.set_of(*(signer.encoded() for signer in self.signers)),
        )
        return der.sequence(der.object_identifier(_SIGNED_DATA), der.explicit(0, signed_data))


AlterSignedData = Callable[[SignedDataTemplate], SignedDataTemplate]


def issuer_and_serial(issuer: bytes, serial: int) -> bytes:
    """Name a signer by its certificate's issuer and serial number."""
    return der.sequence(issuer, der.integer(serial))


def subject_key_identifier(key_id: bytes) -> bytes:
    """Name a signer by its key identifier."""
    return der.implicit(0, key_id)


def signed_attributes(content_type: str, content: bytes, digest: str, signed_at: datetime) -> tuple[Attribute, ...]:
    """Return content type, signing time and message digest (RFC 5652 §11)."""
    return (
        Attribute(CONTENT_TYPE, (der.object_identifier(content_type),)),
        Attribute(SIGNING_TIME, (der.time(signed_at),)),
        message_digest(content, digest),
    )


def message_digest(content: bytes, digest: str) -> Attribute:
    """Return the message digest of ``content``."""
    return Attribute(MESSAGE_DIGEST, (der.octet_string(hashlib.new(digest, content).digest()),))
