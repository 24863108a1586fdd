"""Evidence: everything that an auditor needs to judge a presence proof again, on a machine without any network.

With Active Authentication the chip's own signatures are judged again. With Chip Authentication the answer convinces
only who could have made it too, so that the auditor relies on the verifier's receipt, or has the verifier reveal the
ephemeral key of that one challenge and computes the answer himself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.merkle import Checkpoint
from auth.presence.claims import (
    CHALLENGE_KIND,
    MAX_COUNTER,
    PAGE_KIND,
    RECEIPT_KIND,
    ChallengeClaims,
    PageClaims,
    ReceiptClaims,
    active_challenges,
    page_transcript,
    transcript_of,
)
from auth.presence.commitment import MAX_REQUESTS, Commitment
from auth.presence.document import Document, DocumentFiles, judge_document
from auth.presence.encoding import canonical, from_text, parse_canonical, to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import file_digest, judge_answers, judge_bindings, level_of, session_of, worth_of
from auth.presence.levels import Mode, PresenceLevel, Reason
from auth.presence.log_growth import LogGrowth, judge_growth
from auth.presence.log_proof import LogProof, judge_log_proof
from auth.presence.messages import Proof, digest_of_answers
from auth.presence.tokens import Issuers, read_token
from auth.wire.thumbprint import thumbprint
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = [
    "MAX_EVIDENCE_BYTES",
    "EvidenceBasis",
    "EvidenceVerdict",
    "LogStanding",
    "PresenceEvidence",
    "judge_evidence",
    "logged_under",
]

FORMAT = "cpp-evidence/1"
MAX_EVIDENCE_BYTES = 400_000
_MAX_FILE_CHARACTERS = 350_000
_MAX_KEY_BYTES = 256


class EvidenceBasis(StrEnum):
    """Say what an auditor's verdict rests on."""

    CHIP_SIGNATURES = "chip-signatures"
    REGISTER_RECEIPT = "register-receipt"
    REVEALED_KEY = "revealed-key"


@dataclass(frozen=True, slots=True)
class LogStanding:
    """Hold under which checkpoint of the verifier's log challenge and receipt stand, and a later one, if asked for."""

    checkpoint: Checkpoint
    later: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class EvidenceVerdict:
    """Hold what evidence is worth, on what that rests, and what has to be said with it.

    ``log`` is None where nothing proves that the verifier has logged it; the reasons say why.
    """

    level: PresenceLevel
    basis: EvidenceBasis
    reasons: tuple[Reason, ...]
    challenge: ChallengeClaims | PageClaims
    receipt: ReceiptClaims
    log: LogStanding | None = None


class _Bundle(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    format: Literal["cpp-evidence/1"]
    token: str
    receipt: Annotated[str, Field(max_length=16_384)]
    sod: Annotated[str, Field(max_length=_MAX_FILE_CHARACTERS)]
    dg14: Annotated[str, Field(max_length=_MAX_FILE_CHARACTERS)]
    dg15: Annotated[str, Field(max_length=_MAX_FILE_CHARACTERS)]
    answers: Annotated[tuple[Annotated[str, Field(max_length=4_096)], ...], Field(max_length=4)]
    requests: Annotated[dict[str, str], Field(min_length=1, max_length=MAX_REQUESTS)]
    counter: Annotated[int, Field(ge=0, le=MAX_COUNTER)] | None
    device_key: Annotated[str, Field(max_length=400)]
    trust: Annotated[str, Field(max_length=128)]
    # Not in bundles of former versions.
    log: LogProof | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PresenceEvidence:
    """Hold a bundle: proof, receipt, the public key of the device as DER SubjectPublicKeyInfo, the proof of the log."""

    proof: Proof
    receipt: str
    device_key: bytes
    trust: str
    log: LogProof | None = None

    def __repr__(self) -> str:
        """Show the mode only."""
        return f"PresenceEvidence({self.proof.mode})"

    def to_bytes(self) -> bytes:
        """Write the bundle in its only form."""
        proof = self.proof
        log = {"log": self.log.model_dump(mode="json")} if self.log is not None else {}
        return canonical(
            {
                "format": FORMAT,
                "token": proof.token,
                "receipt": self.receipt,
                "sod": to_text(proof.files.sod),
                "dg14": to_text(proof.files.dg14),
                "dg15": to_text(proof.files.dg15),
                "answers": [to_text(answer) for answer in proof.answers],
                "requests": {audience: to_text(value) for audience, value in proof.commitment.digests},
                "counter": proof.counter,
                "device_key": to_text(self.device_key),
                "trust": self.trust,
            }
            | log
        )


def judge_evidence(
    raw: bytes,
    issuers: Issuers,
    trust: TrustMaterial,
    revealed: int | None = None,
    countries: frozenset[str] = frozenset({"VN"}),
    growth: LogGrowth | None = None,
) -> EvidenceVerdict:
    """Judge a bundle anew; raise PresenceRefused for the first thing in it that does not hold.

    ``issuers`` are the verifiers that the auditor believes, ``trust`` and ``countries`` whose cards; ``revealed`` is
    the ephemeral private key, where the verifier has given it out, and ``growth`` its word on how its log went on.
    """
    bundle, files, answers, commitment = _read(raw)
    challenge = _challenge(bundle, issuers)
    receipt = _receipt(bundle, issuers)
    transcript = _transcript(bundle, commitment)
    _require_receipt(bundle, challenge, receipt, answers, commitment, transcript)
    if isinstance(challenge, ChallengeClaims):
        judge_bindings(challenge, commitment, files)
        moment = challenge.issued
    else:
        # A page is bound to no document and no request before the tap: the chip's signatures bind it to both.
        moment = receipt.verified
    document = judge_document(files, trust, datetime.fromtimestamp(moment, UTC), countries)
    if isinstance(challenge, PageClaims):
        basis = EvidenceBasis.CHIP_SIGNATURES
        said = document.judge_signatures(active_challenges(transcript, challenge.k), answers)
        said = (*said, Reason.PRE_PLAY_POSSIBLE)
    else:
        basis, said = _judge_chip(document, challenge, receipt, transcript, answers, revealed)
    logged, unproven = judge_log_proof(bundle.token, bundle.receipt, receipt, bundle.log, issuers)
    log = LogStanding(logged, judge_growth(growth, logged, issuers) if growth else None) if logged else None
    # DG1 is not in a bundle: whose card it was is the verifier's word, or nobody's.
    level, receipt_says = worth_of(receipt)
    reasons = tuple(dict.fromkeys((*document.reasons, *said, *receipt_says, *unproven)))
    return EvidenceVerdict(min(level, level_of(reasons)), basis, reasons, challenge, receipt, log)


def logged_under(raw: bytes, issuers: Issuers) -> tuple[ReceiptClaims, Checkpoint]:
    """Return a bundle's receipt and the checkpoint of the log that it is proven to be in, and judge nothing else of it.

    Raise PresenceRefused where that is not proven.
    """
    bundle, *_ = _read(raw)
    receipt = _receipt(bundle, issuers)
    checkpoint, said = judge_log_proof(bundle.token, bundle.receipt, receipt, bundle.log, issuers)
    if checkpoint is None:
        raise PresenceRefused(said[0])
    return receipt, checkpoint


def _receipt(bundle: _Bundle, issuers: Issuers) -> ReceiptClaims:
    try:
        return read_token(RECEIPT_KIND, ReceiptClaims, bundle.receipt, issuers)
    except DataError:
        raise PresenceRefused(Reason.TOKEN_INVALID) from None


def _challenge(bundle: _Bundle, issuers: Issuers) -> ChallengeClaims | PageClaims:
    """Return what the chip was asked by: a challenge, or a page where the device's counter is in the bundle."""
    try:
        if bundle.counter is None:
            return read_token(CHALLENGE_KIND, ChallengeClaims, bundle.token, issuers)
        return read_token(PAGE_KIND, PageClaims, bundle.token, issuers)
    except DataError:
        raise PresenceRefused(Reason.TOKEN_INVALID) from None


def _transcript(bundle: _Bundle, commitment: Commitment) -> bytes:
    if bundle.counter is None:
        return transcript_of(bundle.token)
    return page_transcript(bundle.token, commitment.root, bundle.counter)


def _read(raw: bytes) -> tuple[_Bundle, DocumentFiles, tuple[bytes, ...], Commitment]:
    try:
        parse_canonical(raw, MAX_EVIDENCE_BYTES)
        bundle = _Bundle.model_validate_json(raw)
        files = DocumentFiles(from_text(bundle.sod), from_text(bundle.dg14), from_text(bundle.dg15))
        answers = tuple(from_text(answer) for answer in bundle.answers)
        commitment = Commitment.of({audience: from_text(value) for audience, value in bundle.requests.items()})
    except (DataError, ValidationError):
        raise PresenceRefused(Reason.MALFORMED) from None
    return bundle, files, answers, commitment


def _require_receipt(
    bundle: _Bundle,
    challenge: ChallengeClaims | PageClaims,
    receipt: ReceiptClaims,
    answers: tuple[bytes, ...],
    commitment: Commitment,
    transcript: bytes,
) -> None:
    """Require that the receipt is one of success, and of exactly this challenge, answer, request, device and trust."""
    mode = challenge.mode if isinstance(challenge, ChallengeClaims) else Mode.ACTIVE
    required = (
        (receipt.accepted and challenge in (receipt.challenge, receipt.page), Reason.TOKEN_INVALID),
        (receipt.transcript == to_text(transcript) and receipt.counter == bundle.counter, Reason.TOKEN_INVALID),
        (receipt.proof == to_text(digest_of_answers(mode, answers)), Reason.ANSWER_WRONG),
        ((receipt.audience, from_text(receipt.request)) in commitment.digests, Reason.REQUEST_DIFFERS),
        (receipt.device_key == _thumbprint(bundle.device_key), Reason.WRONG_DEVICE),
        (receipt.trust == bundle.trust, Reason.DOCUMENT_UNTRUSTED),
    )
    for holds, reason in required:
        if not holds:
            raise PresenceRefused(reason)


def _thumbprint(text: str) -> str:
    """Return the id of the device's key; raise PresenceRefused where it is none."""
    try:
        key = load_der_public_key(from_text(text))
    except (DataError, ValueError, UnsupportedAlgorithm):
        raise PresenceRefused(Reason.MALFORMED) from None
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
        raise PresenceRefused(Reason.MALFORMED)
    # The same key has other encodings too; evidence has one.
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != from_text(text):
        raise PresenceRefused(Reason.MALFORMED)
    return thumbprint(key)


def _judge_chip(
    document: Document,
    challenge: ChallengeClaims,
    receipt: ReceiptClaims,
    transcript: bytes,
    answers: tuple[bytes, ...],
    revealed: int | None,
) -> tuple[EvidenceBasis, tuple[Reason, ...]]:
    """Judge the chip's answers as far as they convince a third party."""
    if challenge.mode is Mode.ACTIVE:
        return EvidenceBasis.CHIP_SIGNATURES, judge_answers(document, challenge, transcript, answers)
    if revealed is None:
        return EvidenceBasis.REGISTER_RECEIPT, ()
    session = session_of(document, challenge, revealed)
    if file_digest(session.terminal_key) != receipt.terminal_key:
        raise PresenceRefused(Reason.SECRET_UNKNOWN)
    return EvidenceBasis.REVEALED_KEY, judge_answers(document, challenge, transcript, answers, session)
