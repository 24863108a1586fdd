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
from reader.trust.anchors import Anchor, AnchorStore, Refused
from reader.trust.certificate import Certificate, Period
from reader.trust.chain import Chain, ChainReason, DocumentDates, judge_chain
from reader.trust.cms import SignedContent, SignerFault, SignerVerdict, verify_signed_data
from reader.trust.crl import RevocationList, RevokedSerials
from reader.trust.defects import Defect, NationalDefects
from reader.trust.der import DerLimits, scan
from reader.trust.deviations import DeviatingDocument, Deviation, DeviationKind, DeviationList, DeviationLists
from reader.trust.dh_keys import DhPublicKey, parse_dh_spki
from reader.trust.keys import EcPublicKey, PublicKey, RsaPublicKey, UnknownCurve, UnsupportedKey, parse_spki
from reader.trust.links import follow_links
from reader.trust.master_list import MasterList, split_master_list
from reader.trust.material import TrustMaterial
from reader.trust.revocation import HeldList, RevocationLists, RevocationReason, judge_revocation
from reader.trust.signed_list import ListRefused
from reader.trust.trust_file import ItemKind, TrustFile, TrustItem, read_trust_file

__all__ = [
    "Anchor",
    "AnchorStore",
    "Certificate",
    "Chain",
    "ChainReason",
    "Defect",
    "DerLimits",
    "DeviatingDocument",
    "Deviation",
    "DeviationKind",
    "DeviationList",
    "DeviationLists",
    "DhPublicKey",
    "DocumentDates",
    "EcPublicKey",
    "HeldList",
    "ItemKind",
    "ListRefused",
    "MasterList",
    "NationalDefects",
    "Period",
    "PublicKey",
    "Refused",
    "RevocationList",
    "RevocationLists",
    "RevocationReason",
    "RevokedSerials",
    "RsaPublicKey",
    "Scheme",
    "SignatureAlgorithm",
    "SignatureFault",
    "SignedContent",
    "SignerFault",
    "SignerVerdict",
    "TrustFile",
    "TrustItem",
    "TrustMaterial",
    "UnknownCurve",
    "UnsupportedKey",
    "check_signature",
    "follow_links",
    "hash_by_oid",
    "judge_chain",
    "judge_revocation",
    "parse_dh_spki",
    "parse_signature_algorithm",
    "parse_spki",
    "read_trust_file",
    "scan",
    "signature_algorithm_by_oid",
    "split_master_list",
    "verify_signed_data",
    "weaknesses",
]
