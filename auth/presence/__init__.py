"""Card presence, CPP/1: proof to a register that a genuine chip answered for exactly this request.

Commit to the requests, have a challenge, let the chip prove itself, hold a receipt. The desk's side is ``prover``; the
register's is ``verifier``, which an operator can take without the rest of this program: this room calls
``reader.genuine`` and what lies below it, and of ``auth`` only ``auth.wire``, ``auth.device_key`` and ``auth.merkle``,
whose tree and checkpoints its log has. It opens no connection and reads no file.
"""

from auth.presence.booklets import BookletVerifier
from auth.presence.claims import ChallengeClaims, ChipProtocol, PageClaims, ReceiptClaims, Target
from auth.presence.commitment import Commitment, commit, request_digest
from auth.presence.document import DocumentFiles
from auth.presence.errors import OfferRefused, PresenceRefused
from auth.presence.evidence import (
    EvidenceBasis,
    EvidenceVerdict,
    LogStanding,
    PresenceEvidence,
    judge_evidence,
    logged_under,
)
from auth.presence.holding import hold_log, hold_receipt
from auth.presence.judging import CardStanding, Subject, worth_of
from auth.presence.keeping import BookletKeeper, NoPage, NoPageReason, SealedBox
from auth.presence.levels import Mode, PresenceLevel, Reason
from auth.presence.log_growth import LogGrowth, judge_growth
from auth.presence.log_proof import LogProof
from auth.presence.messages import Caller, ChallengeOffer, ChallengeWish, GivenReceipt, Proof
from auth.presence.page_store import Page, PageStore, SqlitePages
from auth.presence.peers import PeerReceipt, Person, accept_receipt
from auth.presence.prover import ChipSession, PresenceProver
from auth.presence.receipts import Receipt
from auth.presence.store import PresenceStore, SqliteStore
from auth.presence.verifier import PresencePolicy, PresenceVerifier, RelaySecrets
from auth.presence.waiting import ask_beside_card

__all__ = [
    "BookletKeeper",
    "BookletVerifier",
    "Caller",
    "CardStanding",
    "ChallengeClaims",
    "ChallengeOffer",
    "ChallengeWish",
    "ChipProtocol",
    "ChipSession",
    "Commitment",
    "DocumentFiles",
    "EvidenceBasis",
    "EvidenceVerdict",
    "GivenReceipt",
    "LogGrowth",
    "LogProof",
    "LogStanding",
    "Mode",
    "NoPage",
    "NoPageReason",
    "OfferRefused",
    "Page",
    "PageClaims",
    "PageStore",
    "PeerReceipt",
    "Person",
    "PresenceEvidence",
    "PresenceLevel",
    "PresencePolicy",
    "PresenceProver",
    "PresenceRefused",
    "PresenceStore",
    "PresenceVerifier",
    "Proof",
    "Reason",
    "Receipt",
    "ReceiptClaims",
    "RelaySecrets",
    "SealedBox",
    "SqlitePages",
    "SqliteStore",
    "Subject",
    "Target",
    "accept_receipt",
    "ask_beside_card",
    "commit",
    "hold_log",
    "hold_receipt",
    "judge_evidence",
    "judge_growth",
    "logged_under",
    "request_digest",
    "worth_of",
]
