"""The sandbox's presence verifier: the module that a register operator takes, behind the sandbox's gate."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from fastapi import Response
from pydantic import ValidationError

from auth.device_key import DeviceKey
from auth.presence import (
    BookletVerifier,
    Caller,
    CardStanding,
    PageStore,
    PresenceLevel,
    PresenceRefused,
    PresenceVerifier,
    Receipt,
    RelaySecrets,
    SqlitePages,
    SqliteStore,
    Subject,
)
from auth.presence.encoding import digest
from auth.presence.wire import (
    BOOKLET_PURPOSE,
    LOG_PURPOSE,
    PRESENCE_BOOKLET_PATH,
    PRESENCE_CHALLENGE_PATH,
    PRESENCE_LOG_PATH,
    PRESENCE_PROOF_PATH,
    BookletMessage,
    GrowthMessage,
    ProofForRequest,
    ProofMessage,
    WishMessage,
    read_booklet_wish,
    read_growth_wish,
    read_member,
    read_proof,
    read_wish,
    write_booklet,
    write_growth,
    write_offer,
    write_receipt,
    write_refusal,
)
from auth.wire.endpoint import Opener
from auth.wire.profile import CONTENT_TYPE, PURPOSE_HEADER, SEALED_TYPE
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer, plain_refusal, seal_answer, sign_answer
from mock_registers.app import Way
from mock_registers.faults import http_response
from mock_registers.gate import Admitted, Devices, EnrolledDevice, Gate, Refusal
from mock_registers.keys import SandboxKey
from mock_registers.messages import LookupRequest
from mock_registers.purposes import tells_data
from reader.errors import DataError
from reader.trust import TrustMaterial

__all__ = ["PRESENCE", "PresenceService"]

PRESENCE = "presence"
_TRUST_VERSION = "sandbox-1"

Work = Callable[[bytes, "_Asking"], bytes]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Hold who asks, as the gate knows the device and the request names the purpose."""

    device: EnrolledDevice
    purpose: str

    def caller(self, clerk: str) -> Caller:
        return Caller(self.device.device_id, self.device.key_id, clerk, self.purpose)


class PresenceService:
    """Answer a desk's questions to a presence verifier (``mock_registers.app.Service``), and judge for the registers.

    The verifier believes cards by ``trust``, whose list ends at ``trust_expires``, and takes them as long as the
    register that knows of them says so, ``card_is_valid``. ``least`` is the level that a purpose must show
    (``mock_registers.gate.PresenceJudge``). A proof that is brought here carries the first data group and the number of
    a person, and a wish for a challenge the files of one document: both are sealed to one of ``openers``, and what
    comes of them to the device. ``remembering`` is what is remembered in one database, and its log; else it is in
    memory. That and ``key`` is all that two services can share: each has a relay secret of its own, which ends with it,
    and its challenges with that.
    """

    name = PRESENCE

    def __init__(
        self,
        trust: TrustMaterial,
        key: SandboxKey,
        devices: Devices,
        least: Mapping[str, int],
        openers: Iterable[Opener] = (),
        remembering: PageStore | None = None,
        trust_expires: datetime | None = None,
        card_is_valid: CardStanding = lambda document_number, personal_number: True,
    ) -> None:
        self._gate = Gate(PRESENCE, devices, openers)
        self._key = key
        self._least = dict(least)
        self._issuers = {PRESENCE: {key.key_id: DeviceKey(key.public_key, key.key_id)}}
        pages = remembering or SqlitePages(SqliteStore())
        relay = _relay_secrets()
        believed = self._issuers, trust, _TRUST_VERSION
        self._verifier = PresenceVerifier(
            PRESENCE, key, relay, *believed, pages.store, card_is_valid=card_is_valid, trust_expires=trust_expires
        )
        self._booklets = BookletVerifier(
            PRESENCE, key, *believed, pages, card_is_valid=card_is_valid, trust_expires=trust_expires
        )

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the wish for a challenge, the proof, the wish for a booklet, and how the log has grown."""
        issue = partial(self._answer, self._issue, BOOKLET_PURPOSE)
        grow = partial(self._answer, self._grow, LOG_PURPOSE)
        challenge, judge = partial(self._answer_sealed, self._challenge), partial(self._answer_sealed, self._judge)
        return (
            Way(PRESENCE_CHALLENGE_PATH, challenge, WishMessage, "challenge", sealed=True, alone=True),
            Way(PRESENCE_PROOF_PATH, judge, ProofMessage, "proof", sealed=True, alone=True),
            Way(PRESENCE_BOOKLET_PATH, issue, BookletMessage, "booklet"),
            Way(PRESENCE_LOG_PATH, grow, GrowthMessage, "growth of the log"),
        )

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        return http_response(sign_answer(request, plain_refusal(request, refusal), self._key))

    def _answer(self, work: Work, purpose: str, request: HttpRequest) -> Response:
        """Return the signed answer; what the verifier refuses is signed as well."""
        try:
            asking = _Asking(self._gate.admit_device(request, (purpose,)), purpose)
            plain = PlainAnswer(200, CONTENT_TYPE, work(request.body, asking))
        except Refusal as refusal:
            return self.refuse(request, refusal)
        except DataError:
            return self.refuse(request, Refusal(400, "malformed-lookup"))
        return http_response(sign_answer(request, plain, self._key))

    def _answer_sealed(self, work: Work, request: HttpRequest) -> Response:
        """Return the sealed and signed answer to what came sealed."""
        try:
            device, body = self._gate.admit_sealed(request)
            answer = work(body, _Asking(device, request.headers[PURPOSE_HEADER]))
            if device.encryption_key is None:
                raise Refusal(403, "device-cannot-be-answered")
            plain = PlainAnswer(200, SEALED_TYPE, seal_answer(answer, device.encryption_key))
        except Refusal as refusal:
            return self.refuse(request, refusal)
        except DataError:
            return self.refuse(request, Refusal(400, "malformed-lookup"))
        return http_response(sign_answer(request, plain, self._key))

    def _challenge(self, body: bytes, asking: _Asking) -> bytes:
        wish, clerk = read_wish(body)
        try:
            return write_offer(self._verifier.challenge(wish, asking.caller(clerk)))
        except PresenceRefused as refused:
            return write_refusal(refused.reason)

    def _issue(self, body: bytes, asking: _Asking) -> bytes:
        count, clerk = read_booklet_wish(body)
        try:
            return write_booklet(self._booklets.issue(asking.caller(clerk), count))
        except PresenceRefused as refused:
            return write_refusal(refused.reason)

    def _grow(self, body: bytes, _asking: _Asking) -> bytes:
        try:
            return write_growth(self._verifier.growth(*read_growth_wish(body)))
        except PresenceRefused as refused:
            return write_refusal(refused.reason)

    def _judge(self, body: bytes, asking: _Asking) -> bytes:
        given, clerk = read_proof(body)
        number = _number_in(given.body)
        given = replace(given, subject=_about(given.subject, number) if number else None)
        try:
            return write_receipt(self._receipt(given, asking.caller(clerk)))
        except PresenceRefused as refused:
            return write_refusal(refused.reason)

    def judge(self, admitted: Admitted, register: str) -> Receipt | None:
        """Return the receipt of the proof beside a look-up (``mock_registers.gate.PresenceJudge``)."""
        lookup = admitted.lookup
        receipt = self._judged(admitted, register)
        shown = receipt is not None and receipt.claims.accepted and receipt.claims.person
        level = receipt.claims.level if receipt is not None and shown else PresenceLevel.TYPED
        # Where a yes or no comes before data, the proof travels with the question for data.
        proves_itself_now = lookup.fields or not tells_data(register, lookup.purpose)
        # What is told is about a person: a card that was not held against them shows nothing of them, at any level.
        if proves_itself_now and level < self._least.get(lookup.purpose, 0):
            raise Refusal(403, "presence-too-low")
        return receipt

    def _judged(self, admitted: Admitted, register: str) -> Receipt | None:
        lookup, device, inner = admitted.lookup, admitted.device, admitted.inner
        if inner.presence is None:
            return None
        try:
            proof, subject = read_member(inner.presence)
            caller = Caller(device.device_id, device.key_id, lookup.clerk, lookup.purpose)
            about = _about(subject, lookup.citizen.personal_number)
            return self._receipt(ProofForRequest(proof, register, inner.request, about), caller)
        except (DataError, PresenceRefused):
            raise Refusal(400, "malformed-lookup") from None

    def _receipt(self, given: ProofForRequest, caller: Caller) -> Receipt:
        verifier = self._verifier if given.proof.counter is None else self._booklets
        return verifier.judge(given.proof, given.body, given.audience, caller, given.subject)


def _about(subject: Subject | None, number: str) -> Subject | None:
    """Return the card's first data group with the number of the request: whom it is about no proof may say."""
    return Subject(subject.dg1, number) if subject is not None else None


def _number_in(body: bytes) -> str:
    """Return whom a look-up is about, empty where ``body`` is none: then nobody here can tell."""
    try:
        return LookupRequest.model_validate_json(body).citizen.personal_number
    except ValidationError:
        return ""


def _relay_secrets() -> RelaySecrets:
    """Draw a secret, and name it after itself: no two are taken for one another, and nobody finds it by its name."""
    secret = secrets.token_bytes(32)
    name = digest("CPP1-relay-secret", secret).hex()
    return RelaySecrets({name: secret}, name)
