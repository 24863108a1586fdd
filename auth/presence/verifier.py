"""The register's side: give out a challenge for a commitment, judge the chip's answer, sign what came of it.

A register operator can take this room alone: no network, no card reader, no desk. Whoever calls it has authenticated
device and clerk on the wire. Between challenge and proof it needs nothing but the count of tokens; a node that has just
started, or another one with the same secrets, judges as well. What it keeps besides only saves it work.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import ValidationError

from auth.presence.claims import (
    CHALLENGE_KIND,
    MOST_PAGES,
    ChallengeClaims,
    ChipProtocol,
    transcript_of,
)
from auth.presence.document import Document
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import (
    LEAST_SIGNATURES,
    CardStanding,
    Subject,
    age_of_trust,
    file_digest,
    judge_answers,
    judge_bindings,
    judge_person,
    key_of_challenge,
    level_of,
    session_of,
)
from auth.presence.levels import Mode, PresenceLevel, Reason
from auth.presence.log import entry_of
from auth.presence.log_growth import LogGrowth
from auth.presence.log_proof import sign_head
from auth.presence.messages import Caller, ChallengeOffer, ChallengeWish, Proof
from auth.presence.receipts import Course, Receipt, ReceiptBook, Tried, unshown
from auth.presence.recent import RecentDocuments, RecentSessions
from auth.presence.relay import Relayed, ephemeral_scalar
from auth.presence.store import PresenceStore
from auth.presence.tokens import Issuers, read_token, sign_token
from auth.wire.endpoint import Signer
from reader.errors import DataError
from reader.genuine import ChipKey
from reader.trust import TrustMaterial

__all__ = ["PresencePolicy", "PresenceVerifier", "RelaySecrets"]

ALL_SIGNATURES = 4
_JTI_BYTES, _NONCE_BYTES = 16, 32
_MIN_SECRET_BYTES = 32
MOST_DAYS = 7


@dataclass(frozen=True, slots=True)
class PresencePolicy:
    """Hold what a register operator decides.

    ``countries`` are those whose cards are known here, each with the code that its MRZ has. ``evidence_purposes`` are
    those whose statute asks for proof that can be passed on: for these the chip may sign although it could agree.
    ``slow_ms``, where not 0, is from when on an answer is said to have been slow, as over a relay. A device has at most
    ``offline_pages`` pages of booklets that it may still use, each for ``offline_days``; with 0 pages there are none.
    """

    countries: Mapping[str, str] = field(default_factory=lambda: {"VN": "VNM"})
    lifetime_s: int = 60
    skew_s: int = 10
    open_per_device: int = 20
    evidence_purposes: frozenset[str] = frozenset()
    slow_ms: int = 0
    offline_pages: int = 200
    offline_days: int = 7

    def __post_init__(self) -> None:
        """Refuse more pages, or pages for longer, than a booklet may have."""
        if not (0 <= self.offline_pages <= MOST_PAGES and 1 <= self.offline_days <= MOST_DAYS):
            raise ValueError("a booklet has at most 200 pages for seven days")


@dataclass(frozen=True, slots=True, repr=False)
class RelaySecrets:
    """Hold the secrets that ephemeral keys are derived from, by id; new challenges use ``current``.

    An old one stays until the last challenge under it has expired; all nodes of a verifier hold the same.
    """

    by_id: Mapping[str, bytes]
    current: str

    def __post_init__(self) -> None:
        """Refuse a short secret, and a current one that is not there."""
        if self.current not in self.by_id or any(len(value) < _MIN_SECRET_BYTES for value in self.by_id.values()):
            raise ValueError("a relay secret is at least 32 bytes, and the current one is among them")

    def __repr__(self) -> str:
        """Show ids only."""
        return f"RelaySecrets({', '.join(sorted(self.by_id))})"


class PresenceVerifier:
    """Be one presence verifier.

    ``issuers`` are this verifier and its peers with their public keys; ``card_is_valid`` is asked with document number
    and personal number whether a card is neither lost, cancelled nor replaced. ``trust_expires`` is when the list that
    ``trust`` came from ends by its own word: from then on proofs are judged as before, and a receipt says so and is of
    level 2 at best.
    """

    def __init__(
        self,
        name: str,
        signer: Signer,
        secrets: RelaySecrets,
        issuers: Issuers,
        trust: TrustMaterial,
        trust_version: str,
        store: PresenceStore,
        policy: PresencePolicy | None = None,
        card_is_valid: CardStanding = lambda document_number, personal_number: True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        trust_expires: datetime | None = None,
    ) -> None:
        self._name = name
        self._signer = signer
        self._secrets = secrets
        self._issuers = issuers
        self._trust_version = trust_version
        self._store = store
        self._policy = policy or PresencePolicy()
        self._documents = RecentDocuments(trust, tuple(self._policy.countries))
        self._sessions = RecentSessions()
        self._card_is_valid = card_is_valid
        self._clock = clock
        self._trust_expires = trust_expires
        self._receipts = ReceiptBook(name, signer, trust_version, store)

    def challenge(self, wish: ChallengeWish, caller: Caller) -> ChallengeOffer:
        """Return a challenge for what the desk has committed to; raise PresenceRefused where none is given.

        The document is judged first: a challenge for a chip whose key nobody signed would prove nothing. The hash of
        the token is in the log before the token leaves.
        """
        now = self._clock()
        # Asked before the costly part, and decided when the challenge is logged.
        if self._store.open_of(caller.device, int(now.timestamp())) >= self._policy.open_per_device:
            raise PresenceRefused(Reason.TOO_MANY_OPEN)
        # By the second, as the proof will be judged: the document is then the same one.
        issued = int(now.timestamp())
        document = self._documents.judge(wish.files, datetime.fromtimestamp(issued, UTC))
        chip = document.chip_key(wish.protocol)
        mode, k = self._choose(wish, caller, chip, document)
        claims = ChallengeClaims(
            issuer=self._name,
            audiences=wish.commitment.audiences,
            device=caller.device,
            device_key=caller.device_key,
            clerk=caller.clerk,
            purpose=caller.purpose,
            root=to_text(wish.commitment.root),
            sod=file_digest(wish.files.sod),
            key=file_digest(wish.files.key_file(mode)),
            mode=mode,
            k=k,
            target=wish.target if mode is Mode.CHIP else None,
            protocol=_protocol_of(chip) if chip and mode is Mode.CHIP else None,
            secret=self._secrets.current if mode is Mode.CHIP else None,
            jti=to_text(randomness.token_bytes(_JTI_BYTES)),
            nonce=to_text(randomness.token_bytes(_NONCE_BYTES)),
            issued=issued,
            expires=issued + self._policy.lifetime_s,
            trust=self._trust_version,
        )
        token = sign_token(CHALLENGE_KIND, claims, self._signer)
        session = self._session(document, claims, token) if mode is Mode.CHIP else None
        self._store.issue(
            claims.jti,
            claims.device,
            wish.commitment.root,
            entry_of(token),
            issued=issued,
            expires=claims.expires + self._policy.skew_s,
            most=self._policy.open_per_device,
        )
        return ChallengeOffer(token, session.terminal_key, session.commands) if session else ChallengeOffer(token)

    def _choose(
        self, wish: ChallengeWish, caller: Caller, chip: ChipKey | None, document: Document
    ) -> tuple[Mode, int]:
        """Choose Chip Authentication wherever DG14 offers it, unless the purpose is one that wants signatures."""
        signing = wish.evidence and caller.purpose in self._policy.evidence_purposes
        k = ALL_SIGNATURES if wish.evidence else LEAST_SIGNATURES
        if chip is not None and not signing:
            if Mode.CHIP not in wish.modes or wish.evidence:
                raise PresenceRefused(Reason.DOWNGRADE)
            return Mode.CHIP, 0
        if Mode.ACTIVE not in wish.modes or document.active_key is None:
            raise PresenceRefused(Reason.NO_CHIP_KEY)
        return Mode.ACTIVE, k

    def judge(
        self, proof: Proof, body: bytes, audience: str, caller: Caller, subject: Subject | None = None
    ) -> Receipt:
        """Return the signed receipt of what came of ``proof`` for the request ``body`` to ``audience``.

        The first failure decides, and is signed and logged like a success. ``subject`` is whom ``body`` names, by the
        caller's own reading of it: without one the card may be anybody's, the receipt says ``person-not-shown`` and is
        of level 2 at best. Raise PresenceRefused for an audience or a counter that no receipt can name.
        """
        tried, course = Tried(proof, body, audience, caller, self._clock()), Course()
        try:
            reasons = self._judge(course, tried, subject)
        except PresenceRefused as refused:
            return self._receipts.refuse(tried, course, refused.reason)
        course.level = level_of(reasons)
        return self._receipts.accept(tried, course, reasons)

    def _judge(self, course: Course, tried: Tried, subject: Subject | None) -> tuple[Reason, ...]:
        proof = tried.proof
        claims = course.challenge = self._read(proof.token)
        self._require_own(claims, tried)
        if not self._store.use(claims.jti, tried.audience):
            raise PresenceRefused(Reason.ALREADY_USED)
        if proof.mode is not claims.mode:
            raise PresenceRefused(Reason.MODE_DIFFERS)
        if not proof.commitment.covers(tried.audience, tried.body):
            raise PresenceRefused(Reason.REQUEST_DIFFERS)
        judge_bindings(claims, proof.commitment, proof.files)
        issued = datetime.fromtimestamp(claims.issued, UTC)
        document = self._documents.judge(proof.files, issued)
        course.level = PresenceLevel.DATA_AUTHENTIC
        session = self._session(document, claims, proof.token) if claims.mode is Mode.CHIP else None
        course.terminal_key = session.terminal_key if session else None
        said = judge_answers(document, claims, transcript_of(proof.token), proof.answers, session)
        if subject is not None:
            judge_person(document.security, subject, issued, self._card_is_valid, self._policy.countries)
            course.person = True
        slow = self._policy.slow_ms and any(took > self._policy.slow_ms for took in proof.milliseconds)
        aged = age_of_trust(self._trust_expires, tried.now)
        return (*document.reasons, *said, *aged, *((Reason.SLOW_ANSWERS,) if slow else ()), *unshown(course))

    def _read(self, token: str) -> ChallengeClaims:
        try:
            return read_token(CHALLENGE_KIND, ChallengeClaims, token, self._issuers)
        except DataError:
            raise PresenceRefused(Reason.TOKEN_INVALID) from None

    def _require_own(self, claims: ChallengeClaims, tried: Tried) -> None:
        caller, moment, skew = tried.caller, tried.now.timestamp(), self._policy.skew_s
        required = (
            (tried.audience in claims.audiences, Reason.WRONG_AUDIENCE),
            ((claims.device, claims.device_key) == (caller.device, caller.device_key), Reason.WRONG_DEVICE),
            (claims.clerk == caller.clerk, Reason.WRONG_CLERK),
            (claims.purpose == caller.purpose, Reason.WRONG_PURPOSE),
            (claims.issued - skew <= moment <= claims.expires + skew, Reason.OUT_OF_TIME),
        )
        for holds, reason in required:
            if not holds:
                raise PresenceRefused(reason)

    def _session(self, document: Document, claims: ChallengeClaims, token: str) -> Relayed:
        secret = self._secret(claims)
        return self._sessions.of(
            secret, token, lambda: session_of(document, claims, _scalar(secret, document, claims, token))
        )

    def _secret(self, claims: ChallengeClaims) -> bytes:
        secret = self._secrets.by_id.get(claims.secret or "")
        if secret is None:
            raise PresenceRefused(Reason.SECRET_UNKNOWN)
        return secret

    def growth(self, old: int, new: int | None = None) -> LogGrowth:
        """Return how the log of ``new`` leaves, or of all, continues that of ``old``, under a signed checkpoint.

        It is signed with the present time also where ``new`` is a length of long ago (``LogGrowth``).
        Raise PresenceRefused for more leaves than there are, or for fewer in the later log than in the earlier.
        """
        grown = self._store.grown(old, new)
        if grown is None:
            raise PresenceRefused(Reason.LOG_SHORTER)
        head = sign_head(self._name, grown.log, grown.size, grown.root, self._clock(), self._signer)
        return LogGrowth.of(self._name, grown, head)

    def reveal(self, proof: Proof) -> int:
        """Give out the ephemeral private key of one challenge, so that an auditor can compute the chip's answer.

        Only for a challenge that was used and has expired: before that, whoever knows the key can answer in the chip's
        place. Raise PresenceRefused otherwise.
        """
        claims = self._read(proof.token)
        judge_bindings(claims, proof.commitment, proof.files)
        if self._clock().timestamp() <= claims.expires + self._policy.skew_s or not self._store.was_used(claims.jti):
            raise PresenceRefused(Reason.OUT_OF_TIME)
        issued = datetime.fromtimestamp(claims.issued, UTC)
        document = self._documents.judge(proof.files, issued)
        return _scalar(self._secret(claims), document, claims, proof.token)


def _protocol_of(chip: ChipKey) -> ChipProtocol:
    """Return how a token names the chip's key; raise PresenceRefused where DG14 numbers it beyond what one can say."""
    try:
        return ChipProtocol(oid=chip.oid, key_id=chip.key_id)
    except ValidationError:
        raise PresenceRefused(Reason.KEY_REFUSED) from None


def _scalar(secret: bytes, document: Document, claims: ChallengeClaims, token: str) -> int:
    return ephemeral_scalar(secret, transcript_of(token), key_of_challenge(document, claims))
