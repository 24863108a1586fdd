"""Every reason a check can give and every note it can carry: the table that docs/checks.md explains.

The strings are public. Reasons that ``reader.trust`` and ``reader.genuine`` give are taken from their own enumerations,
so that the table cannot fall behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from reader.genuine import (
    ActiveReason,
    CardSecurityReason,
    ChipReason,
    DigestReason,
    MappingReason,
    SodReason,
    TerminalReason,
)
from reader.genuine.passive import NO_CHAIN
from reader.inspection.checks import CheckId, CheckStatus
from reader.trust import ChainReason, RevocationReason, SignerFault
from reader.verdict import Severity

__all__ = ["NOTES", "REASONS", "Reason"]


class Reason(StrEnum):
    """Name the reasons of the checks that the inspection judges itself."""

    OPENED = "opened"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    TRANSPORT = "transport"
    NOT_OFFERED = "not-offered"
    NOT_NEEDED = "not-needed"
    CARD_ACCESS_SIGNED = "as-signed"
    DOWNGRADE = "protocol-downgrade"
    INJECTED = "protocol-injected"
    WAYS_NOT_SIGNED = "ways-not-signed"
    SIGNED_FILES_DIFFER = "signed-files-differ"
    DIRECTORY_DIFFERS = "directory-differs"
    NOTHING_SIGNED = "nothing-signed-to-compare"
    REFERENCE_UNPROVEN = "reference-unproven"
    KNOWN_DEVIATION = "known-deviation"
    INTACT = "every-answer-verified"
    INTEGRITY = "secure-messaging-integrity"
    UNPROTECTED = "unprotected-answer"
    LOST_WITH_CHIP_KEYS = "lost-with-chip-keys"
    LISTS_AGREE = "lists-agree"
    UNSIGNED_CONTENT = "unsigned-content"
    VERSION_MISMATCH = "version-mismatch"
    NOT_READ = "not-read"
    WELL_FORMED = "well-formed"
    MALFORMED_FILE = "malformed-file"
    CHECK_DIGITS_RIGHT = "check-digits-right"
    CHECK_DIGIT_WRONG = "check-digit-wrong"
    KEY_AGREES = "key-agrees"
    KEY_DIFFERS = "key-differs"
    NOTHING_TO_COMPARE = "nothing-to-compare"
    GROUPS_AGREE = "groups-agree"
    GROUPS_DIFFER = "groups-differ"
    PARTLY_COMPARED = "partly-compared"
    NO_SUCH_GROUP = "no-such-group"
    STATES_AGREE = "states-agree"
    STATES_DIFFER = "states-differ"
    STATE_UNKNOWN = "state-unknown"
    NOT_EXPIRED = "not-expired"
    NO_EXPIRY = "no-expiry"
    EXPIRED = "expired"
    BIRTH_IN_FUTURE = "birth-in-future"
    DATE_UNREADABLE = "date-unreadable"
    CLOCK_UNTRUSTED = "clock-untrusted"


_P, _F = CheckStatus.PASSED, CheckStatus.FAILED
_I, _N, _U = CheckStatus.INCONCLUSIVE, CheckStatus.NOT_APPLICABLE, CheckStatus.UNAVAILABLE

_Reasons = Mapping[CheckStatus, tuple[str, ...]]

_OUR_GAPS = (SignerFault.CERTIFICATE_MISSING, SignerFault.ALGORITHM_UNSUPPORTED)

_UNTRUSTED = (
    ChainReason.UNTRUSTED,
    ChainReason.NOT_VALID_AT_SIGNING,
    ChainReason.SIGNER_IS_AUTHORITY,
    ChainReason.SIGNER_WRONG_PURPOSE,
    ChainReason.CRITICAL_EXTENSION,
    ChainReason.ANCHOR_NOT_AUTHORITY,
    ChainReason.DISTRUSTED,
)
_NOT_TRACED = (ChainReason.NO_ANCHOR, ChainReason.ANCHOR_NOT_HELD, ChainReason.SIGNING_TIME_UNKNOWN)

REASONS: Mapping[CheckId, _Reasons] = {
    CheckId.PACE: {
        _P: (Reason.OPENED,),
        _F: (Reason.REFUSED, Reason.TRANSPORT),
        _N: (Reason.NOT_OFFERED,),
        _U: (Reason.UNSUPPORTED,),
    },
    CheckId.BAC: {_P: (Reason.OPENED,), _N: (Reason.NOT_NEEDED,)},
    CheckId.CARD_ACCESS: {
        _P: (Reason.CARD_ACCESS_SIGNED,),
        _F: (
            Reason.DOWNGRADE,
            Reason.INJECTED,
            Reason.WAYS_NOT_SIGNED,
            Reason.SIGNED_FILES_DIFFER,
            Reason.DIRECTORY_DIFFERS,
        ),
        _I: (Reason.NOTHING_SIGNED, Reason.REFERENCE_UNPROVEN, Reason.NOT_READ),
        _N: (Reason.NOT_OFFERED,),
    },
    CheckId.SECURE_MESSAGING: {
        _P: (Reason.INTACT,),
        _F: (Reason.INTEGRITY, Reason.UNPROTECTED),
        _I: (Reason.LOST_WITH_CHIP_KEYS, Reason.UNPROTECTED),
    },
    CheckId.SOD_SIGNATURE: {
        _P: (SodReason.VERIFIED,),
        _F: (SodReason.MALFORMED, SodReason.SUPPRESSED, *(fault for fault in SignerFault if fault not in _OUR_GAPS)),
        _I: (SodReason.NOT_READ, *_OUR_GAPS, Reason.KNOWN_DEVIATION),
    },
    CheckId.CHAIN: {
        _P: (ChainReason.TRUSTED,),
        _F: _UNTRUSTED,
        _I: (
            *_NOT_TRACED,
            ChainReason.ALGORITHM_UNSUPPORTED,
            NO_CHAIN,
            DigestReason.REFERENCE_UNPROVEN,
            Reason.KNOWN_DEVIATION,
            Reason.CLOCK_UNTRUSTED,
        ),
    },
    CheckId.HASHES: {
        _P: (DigestReason.MATCH,),
        _F: (DigestReason.MISMATCH, DigestReason.ALGORITHM_REFUSED),
        _I: (
            DigestReason.REFERENCE_UNPROVEN,
            DigestReason.NOT_ALL_READ,
            DigestReason.ALGORITHM_UNSUPPORTED,
            Reason.KNOWN_DEVIATION,
        ),
    },
    CheckId.REVOCATION: {
        _P: (RevocationReason.GOOD,),
        _F: (RevocationReason.REVOKED, RevocationReason.ANCHOR_REVOKED),
        _I: (
            RevocationReason.NO_LIST,
            RevocationReason.EXPIRED,
            RevocationReason.NOT_YET_VALID,
            RevocationReason.NO_ISSUER,
            DigestReason.REFERENCE_UNPROVEN,
            Reason.CLOCK_UNTRUSTED,
        ),
    },
    CheckId.CARD_SECURITY: {
        _P: (ChainReason.TRUSTED,),
        _F: (
            CardSecurityReason.MALFORMED,
            CardSecurityReason.SUPPRESSED,
            *(fault for fault in SignerFault if fault not in _OUR_GAPS),
            *_UNTRUSTED,
            RevocationReason.REVOKED,
            RevocationReason.ANCHOR_REVOKED,
        ),
        _I: (CardSecurityReason.NOT_READ, *_OUR_GAPS, *_NOT_TRACED, NO_CHAIN, Reason.CLOCK_UNTRUSTED),
        _N: (CardSecurityReason.NOT_NEEDED,),
    },
    CheckId.CHIP_AUTHENTICATION: {
        _P: (ChipReason.CONFIRMED,),
        _F: (ChipReason.NOT_CONFIRMED, ChipReason.REFUSED, ChipReason.SUPPRESSED, ChipReason.KEY_REFUSED),
        _I: (ChipReason.KEY_NOT_PROVEN, ChipReason.KEY_NOT_READ, ChipReason.NOT_FINISHED),
        _N: (ChipReason.NOT_OFFERED,),
        _U: (ChipReason.NOT_SUPPORTED,),
    },
    CheckId.ACTIVE_AUTHENTICATION: {
        _P: (ActiveReason.VERIFIED,),
        _F: (
            ActiveReason.WRONG,
            ActiveReason.REFUSED,
            ActiveReason.SUPPRESSED,
            ActiveReason.KEY_REFUSED,
            ActiveReason.ALGORITHM_REFUSED,
        ),
        _I: (ActiveReason.KEY_NOT_PROVEN, ActiveReason.KEY_NOT_READ, ActiveReason.NOT_FINISHED, Reason.KNOWN_DEVIATION),
        _N: (ActiveReason.NOT_OFFERED,),
        _U: (ActiveReason.NOT_SUPPORTED,),
    },
    CheckId.CHIP_MAPPING: {
        _P: (MappingReason.SHOWN,),
        _F: (
            MappingReason.NOT_SHOWN,
            MappingReason.KEYS_DIFFER,
            MappingReason.KEY_REFUSED,
            MappingReason.SUPPRESSED,
        ),
        _I: (MappingReason.KEY_NOT_PROVEN, MappingReason.KEY_NOT_READ),
        _N: (MappingReason.NOT_OFFERED, MappingReason.NOT_USED),
    },
    CheckId.TERMINAL_AUTHENTICATION: {
        _P: (TerminalReason.ACCEPTED,),
        _F: (TerminalReason.OPEN,),
        _I: (
            TerminalReason.REFUSED,
            TerminalReason.NOT_FINISHED,
            TerminalReason.NO_CHIP_KEYS,
            TerminalReason.KEY_NOT_READ,
        ),
        _N: (TerminalReason.NOT_OFFERED, TerminalReason.NOTHING_TO_OPEN),
        _U: (TerminalReason.NO_CREDENTIALS, TerminalReason.NO_CHAIN, TerminalReason.NOT_SUPPORTED),
    },
    CheckId.COM_SOD: {
        _P: (Reason.LISTS_AGREE,),
        _F: (Reason.UNSIGNED_CONTENT, Reason.VERSION_MISMATCH),
        _I: (Reason.NOT_READ, Reason.REFERENCE_UNPROVEN, Reason.KNOWN_DEVIATION),
    },
    CheckId.STRUCTURE: {
        _P: (Reason.WELL_FORMED,),
        _F: (Reason.MALFORMED_FILE,),
        _I: (Reason.NOT_READ, Reason.KNOWN_DEVIATION),
    },
    CheckId.MRZ_CHECK_DIGITS: {
        _P: (Reason.CHECK_DIGITS_RIGHT,),
        _F: (Reason.CHECK_DIGIT_WRONG,),
        _I: (Reason.NOT_READ, Reason.KNOWN_DEVIATION),
    },
    CheckId.KEY_MATCHES_CHIP: {
        _P: (Reason.KEY_AGREES,),
        _F: (Reason.KEY_DIFFERS,),
        _I: (Reason.NOT_READ, Reason.NOTHING_TO_COMPARE),
    },
    CheckId.DG1_DG13: {
        _P: (Reason.GROUPS_AGREE,),
        _F: (Reason.GROUPS_DIFFER,),
        _I: (Reason.NOT_READ, Reason.PARTLY_COMPARED, Reason.KNOWN_DEVIATION),
        _N: (Reason.NO_SUCH_GROUP,),
    },
    CheckId.ISSUING_STATE: {
        _P: (Reason.STATES_AGREE,),
        _F: (Reason.STATES_DIFFER,),
        _I: (Reason.NOT_READ, Reason.STATE_UNKNOWN),
    },
    CheckId.EXPIRY: {
        _P: (Reason.NOT_EXPIRED, Reason.NO_EXPIRY),
        _F: (Reason.EXPIRED, Reason.BIRTH_IN_FUTURE),
        _I: (Reason.NOT_READ, Reason.DATE_UNREADABLE, Reason.CLOCK_UNTRUSTED),
    },
}

_INFO, _WARNING = Severity.INFO, Severity.WARNING

NOTES: Mapping[str, frozenset[Severity]] = {
    "sha1-signature": frozenset({_INFO, _WARNING}),
    "sha1-digest": frozenset({_WARNING}),
    "short-key": frozenset({_INFO, _WARNING}),
    "signed-attributes-reordered": frozenset({_INFO}),
    "digest-algorithms-differ": frozenset({_INFO}),
    "signer-without-key-usage": frozenset({_WARNING}),
    "signer-with-extended-key-usage": frozenset({_WARNING}),
    "document-type-not-listed": frozenset({_WARNING}),
    "outside-private-key-usage": frozenset({_WARNING}),
    "issued-outside-private-key-usage": frozenset({_WARNING}),
    "known-national-defect": frozenset({_WARNING}),
    "known-deviation": frozenset({_WARNING}),
    "signed-in-the-future": frozenset({_WARNING}),
    "signer-outside-anchor-validity": frozenset({_WARNING}),
    "signer-expired-since": frozenset({_INFO, _WARNING}),
    "anchor-expired-since": frozenset({_INFO}),
    "issuer-key-id-differs": frozenset({_INFO}),
    "issuer-name-differs": frozenset({_INFO}),
    "hash-by-key-size": frozenset({_INFO}),
    "der-signature": frozenset({_INFO}),
    "protocol-inferred": frozenset({_INFO}),
    "parameters-had-to-be-named": frozenset({_INFO}),
    "fallback-after-pace": frozenset({_WARNING}),
    "unpadded-answer": frozenset({_INFO}),
    "com-omits-group": frozenset({_WARNING}),
    "lds-version-not-signed": frozenset({_INFO, _WARNING}),
    "not-in-order": frozenset({_INFO}),
    "field-unreadable": frozenset({_WARNING}),
    "no-date-of-birth": frozenset({_WARNING}),
    "text-made-safe": frozenset({_INFO, _WARNING}),
    "no-portrait": frozenset({_INFO}),
    "several-portraits": frozenset({_INFO}),
    "portrait-unreadable": frozenset({_WARNING}),
}
