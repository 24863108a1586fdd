"""How much a register may believe that a chip was there, in five levels, and by which proof."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = ["Mode", "PresenceLevel", "Reason"]


class PresenceLevel(IntEnum):
    """Say what was proven; none of them says that the citizen was there, only that the chip could be reached."""

    TYPED = 0
    """Nothing of a card: the number was typed."""
    DATA_AUTHENTIC = 1
    """The issuer signed the data (Passive Authentication); a copy of the data would do as well."""
    DEVICE_WORD = 2
    """An enrolled device says that the chip proved its key to it, or that the card is the person's."""
    BOUND_BEFOREHAND = 3
    """The chip answered a challenge that a register gave out earlier, or one whose signature is weaker than today's."""
    BOUND_TO_REQUEST = 4
    """The chip answered a fresh challenge that a register gave out for exactly this request."""


class Mode(StrEnum):
    """Name the protocol by which the chip proves itself."""

    CHIP = "CA"
    ACTIVE = "AA"


class Reason(StrEnum):
    """Name why a challenge is not given, a proof not accepted, or a level not reached: words for the signed receipt."""

    MALFORMED = "malformed"
    TOKEN_INVALID = "token-invalid"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_DEVICE = "wrong-device"
    WRONG_CLERK = "wrong-clerk"
    WRONG_PURPOSE = "wrong-purpose"
    OUT_OF_TIME = "out-of-time"
    ALREADY_USED = "already-used"
    REQUEST_DIFFERS = "request-differs"
    DOCUMENT_DIFFERS = "document-differs"
    DOCUMENT_REFUSED = "document-refused"
    DOCUMENT_UNTRUSTED = "document-untrusted"
    DOCUMENT_REVOKED = "document-revoked"
    FOREIGN_DOCUMENT = "foreign-document"
    GROUP_WITHHELD = "group-withheld"
    GROUP_DIFFERS = "group-differs"
    NO_CHIP_KEY = "no-chip-key"
    KEY_REFUSED = "key-refused"
    DOWNGRADE = "downgrade"
    MODE_DIFFERS = "mode-differs"
    COUNT_DIFFERS = "count-differs"
    ANSWER_WRONG = "answer-wrong"
    SIGNATURE_WRONG = "signature-wrong"
    SIGNATURE_REPEATED = "signature-repeated"
    PERSON_DIFFERS = "person-differs"
    DOCUMENT_EXPIRED = "document-expired"
    CARD_NOT_VALID = "card-not-valid"
    SECRET_UNKNOWN = "secret-unknown"
    TOO_MANY_OPEN = "too-many-open"
    COUNTER_BACK = "counter-back"
    NO_BOOKLETS = "no-booklets"
    LOG_PROOF_WRONG = "log-proof-wrong"
    LOG_DIFFERS = "log-differs"
    LOG_INCONSISTENT = "log-inconsistent"
    LOG_GROWTH_ELSEWHERE = "log-growth-elsewhere"
    LOG_SHORTER = "log-shorter"
    CHECKPOINT_INVALID = "checkpoint-invalid"
    # What a desk refuses of a verifier:
    COMMANDS_DIFFER = "commands-differ"
    # What does not refuse a proof, but is said with it:
    SHA1_DIGESTS = "sha1-digests"
    SHA1_SIGNATURE = "sha1-signature"
    SHORT_KEY = "short-key"
    DER_SIGNATURE = "der-signature"
    HASH_BY_KEY_SIZE = "hash-by-key-size"
    PROTOCOL_INFERRED = "protocol-inferred"
    REVOCATION_UNKNOWN = "revocation-unknown"
    TRUST_EXPIRED = "trust-expired"
    SLOW_ANSWERS = "slow-answers"
    PRE_PLAY_POSSIBLE = "pre-play-possible"
    PERSON_NOT_SHOWN = "person-not-shown"
    LOG_NOT_PROVEN = "log-not-proven"
    LOG_PROOF_MISSING = "log-proof-missing"
