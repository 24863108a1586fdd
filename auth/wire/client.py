"""One sealed and signed request over TLS to one register, and back only what the register verifiably said to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from auth.errors import (
    AnswerNotTrusted,
    RegisterRefused,
    RegisterTimeout,
    RegisterUnreachable,
    RegisterWorking,
    RequestRejected,
)
from auth.wire.access import ClerkAccess, ClerkAuthorization
from auth.wire.endpoint import DeviceCredential, Opener, RegisterEndpoint, SealKey
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, EnvelopeInvalid, Inner, open_sealed, seal, wrap
from auth.wire.errand import Errand, Stage
from auth.wire.exchange import HttpsExchange
from auth.wire.heard import Heard, expect_answer
from auth.wire.identifiers import new_idempotency_key, new_traceparent
from auth.wire.problem import read_problem, retry_after
from auth.wire.profile import (
    CONTENT_TYPE,
    MAX_ANSWER_BYTES,
    PROBLEM_TYPE,
    PROMISE_FORGOTTEN,
    RETRY_AFTER_HEADER,
    SEALED_TYPE,
    SIGNATURE_OUT_OF_TIME,
    UNKNOWN_ANSWER,
    UNKNOWN_SEAL_KEY,
)
from auth.wire.promise import MAX_POLLS, Promise, ask_for, check_answered, read_promise, request_digest
from auth.wire.signatures import AnswerVerifier, HttpAnswer, digest_of, sign_request

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
    """Hold what goes out, under which names and whose; sent anew, only its signature and the clerk's proof change.

    ``expects`` is the media type of its result; only a sealed one may be promised for later. ``clerk`` is who was
    there when it was asked, and nobody who came after; None where no clerk is shown.
    """

    path: str
    body: bytes
    purpose: str
    media_type: str
    expects: str
    idempotency_key: str
    traceparent: str
    errand: Errand
    clerk: ClerkAccess | None


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
        self,
        path: str,
        body: bytes,
        purpose: str,
        *,
        presence: bytes | None = None,
        errand: Errand | None = None,
    ) -> SignedAnswer:
        """Return the verified and opened answer to ``body``, sealed to the register with its ``presence`` proof (JSON).

        It goes under an idempotency key of its own, so that asked again it is another request. What must have one
        effect however often it is asked is sealed once (``seal``), kept, and sent by ``ask_sealed``.

        Raises RegisterUnreachable, RegisterTimeout or AnswerNotTrusted; for a signed problem document (RFC 9457)
        RegisterRefused where the register itself speaks, RequestRejected where our request was at fault. An unsigned
        error is trouble on the way, never the register's verdict. An answer that is not sealed, or to another, is none.

        A register may take the look-up and answer later (``auth.wire.promise``): then it is asked for its answer until
        the deadline, and RegisterWorking raised where none has come by then. ``errand`` can end all of it sooner.
        """
        errand = self._within_deadline(errand)
        *others, last = self.seal_keys()
        message = self._message(path, b"", purpose, SEALED_TYPE, new_idempotency_key(), errand)
        for key in others:
            sealed = self._seal(key, body, presence)
            try:
                return self._ask_sealed(replace(message, body=sealed, traceparent=new_traceparent()))
            except RequestRejected as rejected:
                # Nothing happened under the idempotency key: the register could not even read the question.
                if rejected.why != UNKNOWN_SEAL_KEY:
                    raise
        return self._ask_sealed(replace(message, body=self._seal(last, body, presence)))

    def seal(self, body: bytes, presence: bytes | None = None, key: SealKey | None = None) -> bytes:
        """Return the envelope for ``ask_sealed``, to be kept until the register is reached; ``key`` is else its first.

        Raises RegisterUnreachable where the register has no key to seal to, RegisterRefused for what cannot be sealed.
        """
        return self._seal(key or self.seal_keys()[0], body, presence)

    def seal_keys(self) -> tuple[SealKey, ...]:
        """Return to which keys may be sealed, in the order of preference, once it is sure that answers can be opened.

        Raises RegisterUnreachable where there is none, or no key here to open an answer with.
        """
        self._opener()
        if not self._endpoint.seal_keys:
            raise RegisterUnreachable(self.register, "no-seal-key")
        return self._endpoint.seal_keys

    def ask_sealed(
        self, path: str, sealed: bytes, purpose: str, idempotency_key: str, errand: Errand | None = None
    ) -> SignedAnswer:
        """Return the verified and opened answer to an envelope that ``seal`` made; raise as ``ask`` does.

        Under the same key the same bytes may be sent as often as need be: they take effect once.
        """
        errand = self._within_deadline(errand)
        return self._ask_sealed(self._message(path, sealed, purpose, SEALED_TYPE, idempotency_key, errand))

    def ask_unsealed(self, path: str, body: bytes, purpose: str) -> SignedAnswer:
        """Return the verified answer to ``body``, which goes signed but open; raise as ``ask`` does."""
        errand = self._within_deadline(None)
        heard = self._exchange(self._message(path, body, purpose, CONTENT_TYPE, new_idempotency_key(), errand))
        return SignedAnswer(heard.answer.body, heard.verified.key_id, heard.verified.created)

    def close(self) -> None:
        """Break off what is under way and end the thread; ``ask`` raises RegisterUnreachable from then on."""
        self._https.close()

    def _within_deadline(self, errand: Errand | None) -> Errand:
        return errand.at_most(self._deadline_s) if errand is not None else Errand.of(self._deadline_s)

    def _message(self, path: str, body: bytes, purpose: str, media_type: str, key: str, errand: Errand) -> _Message:
        """Return a message in the name of the clerk who is here now, whose result is of the type that it is."""
        clerk = self._clerk.access() if self._clerk is not None else None
        return _Message(path, body, purpose, media_type, media_type, key, new_traceparent(), errand, clerk)

    def _ask_sealed(self, message: _Message) -> SignedAnswer:
        openers = {one.key_id: one for one in (*self._device.former, self._opener())}
        heard = self._exchange(message)
        if heard.promised:
            heard = self._fetch(message, heard)
        with _noting(heard.answer):
            try:
                plain = open_sealed(heard.answer.body, SEALED_ANSWER, openers, MAX_ANSWER_BYTES)
            except EnvelopeInvalid as invalid:
                raise AnswerNotTrusted(self.register, f"answer-{invalid.why}") from None
        return SignedAnswer(plain, heard.verified.key_id, heard.verified.created)

    def _fetch(self, message: _Message, heard: Heard) -> Heard:
        """Return the answer that ``heard`` promises; raise RegisterWorking where it is not there in time."""
        digest, errand = request_digest(heard.answer.request), message.errand
        promise = self._promise_in(heard)
        poll = replace(message, path=promise.path, body=ask_for(digest), media_type=CONTENT_TYPE)
        for _ in range(MAX_POLLS):
            errand.tell(Stage.WORKING)
            if promise.wait_s >= errand.left:
                break
            self._https.pause(promise.wait_s, errand.recall)
            heard = self._poll(poll, promise)
            with _noting(heard.answer):
                check_answered(self.register, heard.answer, digest)
            if not heard.promised:
                return heard
            promise = self._promise_in(heard, promise)
        raise RegisterWorking(self.register, "still-working", retry_after_s=promise.wait_s)

    def _poll(self, poll: _Message, promise: Promise) -> Heard:
        try:
            return self._exchange(poll)
        except RegisterTimeout:
            # It has signed that it is at work, and a deadline that ends a poll speaks no more against it than one
            # that ends a wait.
            raise RegisterWorking(self.register, "still-working", retry_after_s=promise.wait_s) from None
        except RequestRejected as rejected:
            if rejected.why != UNKNOWN_ANSWER:
                raise
            # It has lost what it promised, and is asked for anew under the same key.
            raise RegisterUnreachable(self.register, PROMISE_FORGOTTEN, retryable=True) from None

    def _promise_in(self, heard: Heard, before: Promise | None = None) -> Promise:
        with _noting(heard.answer):
            promise = read_promise(self.register, self._endpoint.base_url, heard.answer)
            if before is not None and promise.ticket != before.ticket:
                # Sent from one place to the next, we would never be done.
                raise AnswerNotTrusted(self.register, "location-changed")
            return promise

    def _exchange(self, message: _Message) -> Heard:
        """Send once, and once more where the register wants its own nonce in the clerk's proof (RFC 9449 §8).

        Once more too where it no longer takes the clerk's token: a new one is asked for in silence, a single time, and
        of the same log-in; where that is over meanwhile, ClerkNotSignedIn ends the exchange, whoever is here by then.
        And once more where it says that this computer's clock is wrong: by its time then, which it has just signed.
        """
        heard = self._send(message)
        if heard.sets_clock():
            heard = self._send(message)
        if message.clerk is not None and heard.wants_nonce():
            heard = self._send(message)
        if message.clerk is not None and heard.wants_token():
            message.clerk.renew(message.purpose)
            heard = self._send(message)
        if heard.problem is not None:
            wait = retry_after(heard.answer.headers.get(RETRY_AFTER_HEADER))
            raise heard.problem.error(self.register, wait)
        return heard

    def _send(self, message: _Message) -> Heard:
        url = self._endpoint.base_url.rstrip("/") + message.path
        clerk = message.clerk
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
        answer = self._https.send(request, message.errand.left, message.errand.recall)
        with _noting(answer):
            return self._hear(answer, message)

    def _hear(self, answer: HttpAnswer, message: _Message) -> Heard:
        """Return what is believed of ``answer``; raise AnswerNotTrusted, or RegisterUnreachable for nobody's error."""
        is_problem = expect_answer(self.register, answer, message.expects)
        verified = self._verifier.verify(answer, at_any_time=is_problem)
        problem = read_problem(self.register, answer.body) if is_problem else None
        if problem is not None and problem.name != SIGNATURE_OUT_OF_TIME:
            # Only the word that our time is wrong may come at another time than ours.
            self._verifier.verify(answer)
        taught = self._device.clock.learn(verified.created.timestamp())
        if message.clerk is not None:
            message.clerk.take_note(self.register, answer.headers)
        return Heard(answer, verified, problem, taught)

    def _seal(self, key: SealKey, body: bytes, presence: bytes | None) -> bytes:
        try:
            return seal(wrap(Inner(body, presence)), SEALED_REQUEST, key.key_id, key.spki)
        except EnvelopeInvalid as invalid:
            if invalid.why == "bad-seal-key":
                raise RegisterUnreachable(self.register, invalid.why) from None
            raise RegisterRefused(self.register, "malformed-lookup") from None

    def _opener(self) -> Opener:
        if self._device.opener is None:
            raise RegisterUnreachable(self.register, "no-opening-key")
        return self._device.opener


@contextmanager
def _noting(answer: HttpAnswer) -> Iterator[None]:
    """Put the digest of ``answer`` into the error with which it is not believed."""
    try:
        yield
    except AnswerNotTrusted as refused:
        refused.digest = digest_of(answer)
        raise
