"""The register's side of work without a network: booklets of challenges, and the judgement of what was made with them.

A device is given pages beforehand, each a challenge that is not for any request yet. At the tap the request and the
device's counter go into the transcript, and the chip signs all of it. Such a proof is worth less than one for a fresh
challenge: while the card was in their hands, whoever runs the device could have had it sign for a page and a request
that nobody asked for then. The receipt says so. Chip Authentication needs a terminal that the desk does not know the
key of, so there are no pages for it.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from auth.presence.claims import PAGE_KIND, PageClaims, active_challenges
from auth.presence.document import judge_document
from auth.presence.encoding import to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import CardStanding, Subject, age_of_trust, judge_person, level_of
from auth.presence.levels import Mode, PresenceLevel, Reason
from auth.presence.log import entry_of
from auth.presence.messages import Caller, Proof
from auth.presence.page_store import Page, PageStore
from auth.presence.receipts import Course, Receipt, ReceiptBook, Tried, transcript_of_proof, unshown
from auth.presence.tokens import Issuers, read_token, sign_token
from auth.presence.verifier import PresencePolicy
from auth.wire.endpoint import Signer
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = ["BookletVerifier"]

_ID_BYTES, _NONCE_BYTES = 16, 32


class BookletVerifier:
    """Give out booklets and judge their proofs; arguments as those of ``PresenceVerifier``, and where pages are noted.

    Receipts go into the store of ``pages``, so that both stand in one log whoever puts a verifier together. Each page
    is taken once, by each register that the tap was for, in the order of the device's counter.
    """

    def __init__(
        self,
        name: str,
        signer: Signer,
        issuers: Issuers,
        trust: TrustMaterial,
        trust_version: str,
        pages: PageStore,
        policy: PresencePolicy | None = None,
        card_is_valid: CardStanding = lambda document_number, personal_number: True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        trust_expires: datetime | None = None,
    ) -> None:
        self._name = name
        self._signer = signer
        self._issuers = issuers
        self._trust = trust
        self._trust_version = trust_version
        self._pages = pages
        self._policy = policy or PresencePolicy()
        self._card_is_valid = card_is_valid
        self._clock = clock
        self._trust_expires = trust_expires
        self._receipts = ReceiptBook(name, signer, trust_version, pages.store)

    def issue(self, caller: Caller, count: int) -> tuple[str, ...]:
        """Return a booklet of ``count`` pages for the caller's device, each counted and logged before it leaves.

        Raise PresenceRefused where this register gives out none, or the device would hold more than it may.
        """
        if not self._policy.offline_pages:
            raise PresenceRefused(Reason.NO_BOOKLETS)
        if not 1 <= count <= self._policy.offline_pages:
            raise PresenceRefused(Reason.TOO_MANY_OPEN)
        now = self._clock()
        expires = int((now + timedelta(days=self._policy.offline_days)).timestamp())
        booklet = _fresh(_ID_BYTES)
        pages = [
            PageClaims(
                issuer=self._name,
                device=caller.device,
                device_key=caller.device_key,
                booklet=booklet,
                number=number,
                jti=_fresh(_ID_BYTES),
                nonce=_fresh(_NONCE_BYTES),
                issued=int(now.timestamp()),
                expires=expires,
                trust=self._trust_version,
            )
            for number in range(1, count + 1)
        ]
        tokens = tuple(sign_token(PAGE_KIND, page, self._signer) for page in pages)
        self._pages.give(
            caller.device_key,
            [Page(page.jti, entry_of(token)) for page, token in zip(pages, tokens, strict=True)],
            now=int(now.timestamp()),
            expires=expires,
            most=self._policy.offline_pages,
        )
        return tokens

    def judge(
        self, proof: Proof, body: bytes, audience: str, caller: Caller, subject: Subject | None = None
    ) -> Receipt:
        """Return the signed receipt of what came of ``proof``, at best that the chip was bound beforehand (level 3).

        ``subject`` and what is raised are those of ``PresenceVerifier.judge``.
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
        page = course.page = self._read(proof.token)
        self._require_own(page, tried)
        if proof.counter is None or proof.mode is not Mode.ACTIVE:
            raise PresenceRefused(Reason.MODE_DIFFERS)
        self._pages.use((page.jti, page.device_key, tried.audience, proof.counter, proof.commitment.root))
        if not proof.commitment.covers(tried.audience, tried.body):
            raise PresenceRefused(Reason.REQUEST_DIFFERS)
        document = judge_document(proof.files, self._trust, tried.now, self._policy.countries)
        course.level = PresenceLevel.DATA_AUTHENTIC
        challenges = active_challenges(transcript_of_proof(proof), page.k)
        said = document.judge_signatures(challenges, proof.answers)
        if subject is not None:
            judge_person(document.security, subject, tried.now, self._card_is_valid, self._policy.countries)
            course.person = True
        aged = age_of_trust(self._trust_expires, tried.now)
        return (*document.reasons, *said, *aged, Reason.PRE_PLAY_POSSIBLE, *unshown(course))

    def _read(self, token: str) -> PageClaims:
        try:
            return read_token(PAGE_KIND, PageClaims, token, self._issuers)
        except DataError:
            raise PresenceRefused(Reason.TOKEN_INVALID) from None

    def _require_own(self, page: PageClaims, tried: Tried) -> None:
        caller, moment, skew = tried.caller, tried.now.timestamp(), self._policy.skew_s
        if (page.device, page.device_key) != (caller.device, caller.device_key):
            raise PresenceRefused(Reason.WRONG_DEVICE)
        if not page.issued - skew <= moment <= page.expires + skew:
            raise PresenceRefused(Reason.OUT_OF_TIME)


def _fresh(size: int) -> str:
    return to_text(randomness.token_bytes(size))
