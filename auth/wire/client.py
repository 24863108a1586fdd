"""One sealed and signed request over TLS to one register, and back only what the register verifiably said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from auth.errors import AnswerNotTrusted, RegisterRefused, RegisterUnreachable, RequestRejected
from auth.wire.access import ClerkAuthorization
from auth.wire.endpoint import DeviceCredential, Opener, RegisterEndpoint, SealKey
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, EnvelopeInvalid, Inner, open_sealed, seal, wrap
from auth.wire.exchange import HttpsExchange
from auth.wire.identifiers import new_idempotency_key, new_traceparent
from auth.wire.problem import Problem, read_problem, retry_after
from auth.wire.profile import (
    CONTENT_TYPE,
    DPOP_NONCE_HEADER,
    MAX_ANSWER_BYTES,
    PROBLEM_TYPE,
    PROOF_INVALID,
    RETRY_AFTER_HEADER,
    SEALED_TYPE,
    SIGNATURE_OUT_OF_TIME,
    TOKEN_EXPIRED,
    UNKNOWN_SEAL_KEY,
    USE_DPOP_NONCE,
)
from auth.wire.signatures import AnswerVerifier, HttpAnswer, VerifiedSignature, digest_of, sign_request

__all__ = ["SignedAnswer", "WireClient"]


@dataclass(frozen=True, slots=True, repr=False)
class SignedAnswer:
    """Hold the body of an answer whose signature was verified and bound to our request; a sealed one is opened."""

    body: bytes
    key_id: str
    created: datetime

    def __repr__(self) -> str:
        """Show the key, not what was said."""
        return f"SignedAnswer({self.key_id}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class _Message:
    """Hold what goes out, and under which names; sent anew, only its signature and the clerk's proof change."""

    path: str
    body: bytes
    purpose: str
    media_type: str
    idempotency_key: str
    traceparent: str
    late: float


@dataclass(frozen=True, slots=True, repr=False)
class _Heard:
    """Hold a verified answer; ``problem`` where it is one, ``taught`` where its time was news to us."""

    answer: HttpAnswer
    verified: VerifiedSignature
    problem: Problem | None
    taught: bool

    def wants_nonce(self) -> bool:
        return self._is_401(USE_DPOP_NONCE) and DPOP_NONCE_HEADER in self.answer.headers

    def wants_token(self) -> bool:
        return self._is_401(TOKEN_EXPIRED)

    def sets_clock(self) -> bool:
        return self.taught and (self._is_401(SIGNATURE_OUT_OF_TIME) or self._is_401(PROOF_INVALID))

    def _is_401(self, name: str) -> bool:
        return self.problem is not None and self.problem.name == name and self.answer.status_code == 401


class WireClient:
    """Ask one register, one request at a time or several at once, from any thread.

    What goes over the line and how is ``HttpsExchange``'s; what may be believed of it is judged here.
    """

    def __init__(
        self,
        endpoint: RegisterEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
        clerk: ClerkAuthorization | None = None,
    ) -> None:
        """Take ``deadline_s`` as the total from the call to the last byte; raise RegisterUnreachable for bad keys.

        With ``clerk`` every request shows who is logged in.
        """
        self._endpoint = endpoint
        self._device = device
        self._deadline_s = deadline_s
        self._clerk = clerk
        self._https = HttpsExchange(endpoint, f"{SEALED_TYPE}, {CONTENT_TYPE}, {PROBLEM_TYPE}", device.clock)
        self._verifier = AnswerVerifier(endpoint, device.clock)

    @property
    def register(self) -> str:
        """Return the stable name of the register."""
        return self._endpoint.register

    def ask(
        self, path: str, body: bytes, purpose: str, *, presence: bytes | None = None, idempotency_key: str | None = None
    ) -> SignedAnswer:
        """Return the verified and opened answer to ``body``, sealed to the register with its ``presence`` proof (JSON).

        Raises RegisterUnreachable, RegisterTimeout or AnswerNotTrusted; for a signed problem document (RFC 9457)
        RegisterRefused where the register itself speaks, RequestRejected where our request was at fault. An unsigned
        error is trouble on the way, never the register's verdict. An answer that is not sealed, or to another, is none.
        """
        key = idempotency_key or new_idempotency_key()
        late = monotonic() + self._deadline_s
        keys = self._seal_keys()
        for seal_key in keys[:-1]:
            try:
                return self._ask_sealed(path, self._seal(seal_key, body, presence), purpose, key, late)
            except RequestRejected as rejected:
                # Nothing happened under the idempotency key: the register could not even read the question.
                if rejected.why != UNKNOWN_SEAL_KEY:
                    raise
        return self._ask_sealed(path, self._seal(keys[-1], body, presence), purpose, key, late)

    def seal(self, body: bytes, presence: bytes | None = None) -> bytes:
        """Return the envelope for ``ask_sealed``, to be kept until the register is reached.

        Raises RegisterUnreachable where the register has no key to seal to, RegisterRefused for what cannot be sealed.
        """
        return self._seal(self._seal_keys()[0], body, presence)

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        """Return the verified and opened answer to an envelope that ``seal`` made; raise as ``ask`` does.

        Under the same key the same bytes may be sent as often as need be: they take effect once.
        """
        return self._ask_sealed(path, sealed, purpose, idempotency_key, monotonic() + self._deadline_s)

    def ask_unsealed(self, path: str, body: bytes, purpose: str) -> SignedAnswer:
        """Return the verified answer to ``body``, which goes signed but open; raise as ``ask`` does."""
        late = monotonic() + self._deadline_s
        message = _Message(path, body, purpose, CONTENT_TYPE, new_idempotency_key(), new_traceparent(), late)
        return self._exchange(message)

    def close(self) -> None:
        """Break off what is under way and end the thread; ``ask`` raises RegisterUnreachable from then on."""
        self._https.close()

    def _ask_sealed(self, path: str, sealed: bytes, purpose: str, key: str, late: float) -> SignedAnswer:
        openers = {one.key_id: one for one in (*self._device.former, self._opener())}
        answer = self._exchange(_Message(path, sealed, purpose, SEALED_TYPE, key, new_traceparent(), late))
        try:
            plain = open_sealed(answer.body, SEALED_ANSWER, openers, MAX_ANSWER_BYTES)
        except EnvelopeInvalid as invalid:
            raise AnswerNotTrusted(self.register, f"answer-{invalid.why}") from None
        return SignedAnswer(plain, answer.key_id, answer.created)

    def _exchange(self, message: _Message) -> SignedAnswer:
        """Send once, and once more where the register wants its own nonce in the clerk's proof (RFC 9449 §8).

        Once more too where it no longer takes the clerk's token: a new one is asked for in silence, a single time. And
        once more where it says that this computer's clock is wrong: by its time then, which it has just signed.
        """
        heard = self._send(message)
        if heard.sets_clock():
            heard = self._send(message)
        if self._clerk is not None and heard.wants_nonce():
            heard = self._send(message)
        if self._clerk is not None and heard.wants_token():
            self._clerk.renew(message.purpose)
            heard = self._send(message)
        answer, verified = heard.answer, heard.verified
        if heard.problem is not None:
            raise heard.problem.error(self.register, retry_after(answer.headers.get(RETRY_AFTER_HEADER)))
        return SignedAnswer(answer.body, verified.key_id, verified.created)

    def _send(self, message: _Message) -> _Heard:
        url = self._endpoint.base_url.rstrip("/") + message.path
        clerk = self._clerk
        request = sign_request(
            url,
            message.body,
            message.purpose,
            self._device.signer,
            content_type=message.media_type,
            idempotency_key=message.idempotency_key,
            traceparent=message.traceparent,
            access=clerk.headers_for(self.register, message.purpose, "POST", url) if clerk is not None else None,
            clock=self._device.clock,
        )
        answer = self._https.send(request, max(message.late - monotonic(), 0.0))
        try:
            return self._hear(answer, message.media_type)
        except AnswerNotTrusted as refused:
            refused.digest = digest_of(answer)
            raise

    def _hear(self, answer: HttpAnswer, media_type: str) -> _Heard:
        """Return what is believed of ``answer``; raise AnswerNotTrusted, or RegisterUnreachable for nobody's error."""
        is_problem = _expect_answer(self.register, answer, media_type)
        verified = self._verifier.verify(answer, at_any_time=is_problem)
        problem = read_problem(self.register, answer.body) if is_problem else None
        if problem is not None and problem.name != SIGNATURE_OUT_OF_TIME:
            # Only the word that our time is wrong may come at another time than ours.
            self._verifier.verify(answer)
        taught = self._device.clock.learn(verified.created.timestamp())
        if self._clerk is not None:
            self._clerk.take_note(answer.headers)
        return _Heard(answer, verified, problem, taught)

    def _seal(self, key: SealKey, body: bytes, presence: bytes | None) -> bytes:
        try:
            return seal(wrap(Inner(body, presence)), SEALED_REQUEST, key.key_id, key.spki)
        except EnvelopeInvalid as invalid:
            if invalid.why == "bad-seal-key":
                raise RegisterUnreachable(self.register, invalid.why) from None
            raise RegisterRefused(self.register, "malformed-lookup") from None

    def _seal_keys(self) -> tuple[SealKey, ...]:
        """Return to which keys to seal, once it is sure that the answer can be opened."""
        self._opener()
        if not self._endpoint.seal_keys:
            raise RegisterUnreachable(self.register, "no-seal-key")
        return self._endpoint.seal_keys

    def _opener(self) -> Opener:
        if self._device.opener is None:
            raise RegisterUnreachable(self.register, "no-opening-key")
        return self._device.opener


def _expect_answer(register: str, answer: HttpAnswer, asked: str) -> bool:
    """Tell whether ``answer`` claims to be a problem document; raise where it is neither that nor a result.

    What stands in for the register on the way — a captive portal, a proxy's error page, a redirect — ends here. A
    result is of the media type that was ``asked`` in: sealed where the question was.
    """
    status = answer.status_code
    if 300 <= status < 400:
        raise AnswerNotTrusted(register, "redirect")
    problem = status >= 400
    if problem and "signature" not in answer.headers:
        # Who speaks here is unknown: no verdict, and how long to wait is no more than a hint.
        wait = retry_after(answer.headers.get(RETRY_AFTER_HEADER))
        raise RegisterUnreachable(register, f"http-{status}", retry_after_s=wait)
    if not problem and status != 200:
        raise AnswerNotTrusted(register, "unexpected-status")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not problem and asked == SEALED_TYPE and media_type == CONTENT_TYPE:
        raise AnswerNotTrusted(register, "answer-not-sealed")
    if media_type != (PROBLEM_TYPE if problem else asked):
        raise AnswerNotTrusted(register, "content-type")
    return problem
