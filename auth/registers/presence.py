"""The client of a presence verifier that stands by itself, for one register or for several."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from auth.device_key import DeviceKey
from auth.errors import AnswerNotTrusted
from auth.presence import ChallengeOffer, ChallengeWish, GivenReceipt, LogGrowth
from auth.presence.tokens import Issuers
from auth.presence.wire import (
    BOOKLET_PURPOSE,
    LOG_PURPOSE,
    PRESENCE_BOOKLET_PATH,
    PRESENCE_CHALLENGE_PATH,
    PRESENCE_LOG_PATH,
    PRESENCE_PROOF_PATH,
    ProofForRequest,
    read_booklet,
    read_growth,
    read_offer,
    read_receipt,
    write_booklet_wish,
    write_growth_wish,
    write_proof,
    write_wish,
)
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.thumbprint import thumbprint
from reader.errors import DataError

__all__ = ["PRESENCE", "PresenceClient", "issuers_of"]

PRESENCE = "presence"


def issuers_of(endpoint: RegisterEndpoint) -> Issuers:
    """Return with which keys the verifier at ``endpoint`` signs its tokens: those of its answers.

    The two cannot be taken for one another: a token's signed text begins with base64url, an answer's with a quotation
    mark (RFC 7515 §5.1, RFC 9421 §2.5). A key that is none is left out.
    """
    keys: dict[str, DeviceKey] = {}
    for answer_key in endpoint.answer_keys:
        try:
            key = load_der_public_key(answer_key.spki)
        except (ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            keys[answer_key.key_id] = DeviceKey(key, thumbprint(key))
    return {endpoint.register: keys}


class PresenceClient:
    """Ask a presence verifier over the wire; may be called from several threads."""

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 8.0) -> None:
        """Take ``deadline_s`` as the total for one question: no card should be held any longer."""
        self._wire = WireClient(endpoint, device, deadline_s=deadline_s)

    def challenge(self, wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        """Return a challenge; raise PresenceRefused where the verifier gives none, RegisterError without its word.

        The wish goes sealed: it names nobody, but its files are those of one document and tell it from all others.
        """
        answer = self._wire.ask(PRESENCE_CHALLENGE_PATH, write_wish(wish, clerk), purpose)
        try:
            return read_offer(answer.body)
        except DataError:
            raise AnswerNotTrusted(self._wire.register, "malformed-answer") from None

    def judge(self, given: ProofForRequest, purpose: str, clerk: str) -> GivenReceipt:
        """Return the receipt, of success or of refusal; raise RegisterError without the verifier's word.

        The proof goes sealed, as look-ups do, for a person's data group and number are in it.
        """
        answer = self._wire.ask(PRESENCE_PROOF_PATH, write_proof(given, clerk), purpose)
        try:
            return read_receipt(answer.body)
        except DataError:
            raise AnswerNotTrusted(self._wire.register, "malformed-answer") from None

    def booklet(self, count: int, clerk: str) -> tuple[str, ...]:
        """Return a booklet of ``count`` pages; raise PresenceRefused where there is none, RegisterError as above."""
        answer = self._wire.ask_unsealed(PRESENCE_BOOKLET_PATH, write_booklet_wish(count, clerk), BOOKLET_PURPOSE)
        try:
            return read_booklet(answer.body)
        except DataError:
            raise AnswerNotTrusted(self._wire.register, "malformed-answer") from None

    def growth(self, old: int, new: int | None = None) -> LogGrowth:
        """Return how the verifier's log of ``new`` leaves, or of all, continues that of ``old``; raise as above.

        What it says is still to be held against the checkpoints that one has (``auth.presence.judge_growth``).
        """
        answer = self._wire.ask_unsealed(PRESENCE_LOG_PATH, write_growth_wish(old, new), LOG_PURPOSE)
        try:
            return read_growth(answer.body)
        except DataError:
            raise AnswerNotTrusted(self._wire.register, "malformed-answer") from None

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()
