"""What may be believed: certificates, public keys, signed data, and the way to an installed trust anchor.

In come bytes from a card or a directory; out come frozen values and verdicts. Nothing here reads a card. Every byte is
bounded by ``der.scan`` before a parser sees it, and asn1crypto is used in this room only. It calls ``reader.crypto``,
``reader.iso7816.tlv``, ``reader.verdict`` and ``reader.errors``.
"""

from reader.trust.algorithms import (
    Scheme,
    SignatureAlgorithm,
    SignatureFault,
    check_signature,
    hash_by_oid,
    parse_signature_algorithm,
    signature_algorithm_by_oid,
    weaknesses,
)
from reader.trust.anchors import Anchor, AnchorStore, RefusedAnchor
from reader.trust.certificate import Certificate, Period
from reader.trust.chain import ChainReason, DocumentDates, judge_chain
from reader.trust.cms import SignedContent, SignerFault, SignerVerdict, verify_signed_data
from reader.trust.der import DerLimits, scan
from reader.trust.keys import EcPublicKey, PublicKey, RsaPublicKey, UnknownCurve, UnsupportedKey, parse_spki

__all__ = [
    "Anchor",
    "AnchorStore",
    "Certificate",
    "ChainReason",
    "DerLimits",
    "DocumentDates",
    "EcPublicKey",
    "Period",
    "PublicKey",
    "RefusedAnchor",
    "RsaPublicKey",
    "Scheme",
    "SignatureAlgorithm",
    "SignatureFault",
    "SignedContent",
    "SignerFault",
    "SignerVerdict",
    "UnknownCurve",
    "UnsupportedKey",
    "check_signature",
    "hash_by_oid",
    "judge_chain",
    "parse_signature_algorithm",
    "parse_spki",
    "scan",
    "signature_algorithm_by_oid",
    "verify_signed_data",
    "weaknesses",
]
