"""The wire: what one look-up costs the desk's processor, beside the waiting — sealing, proving, signing, verifying.

Measured is the time of the thread that does it, without the network and without the register, which answers in
between. The whole over TLS on loopback stands beside it, register, handshake and all, by the clock.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TypeVar

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.presence import (
    Caller,
    ChallengeWish,
    ChipSession,
    DocumentFiles,
    PresenceProver,
    PresenceVerifier,
    RelaySecrets,
    SqliteStore,
    Subject,
    commit,
    hold_receipt,
)
from auth.presence.wire import write_member
from auth.purposes import shipped_registry
from auth.registers.lookups import Wish, allowed_lookup, parse_answer, word_lookup
from auth.registers.messages import LookupAnswer, PersonMessage
from auth.registers.population import PopulationClient
from auth.registers.ports import Lookup
from auth.wire import AnswerKey, RegisterEndpoint
from auth.wire.dpop import make_proof
from auth.wire.envelope import SEALED_ANSWER, SEALED_REQUEST, Inner, open_sealed, seal, wrap
from auth.wire.profile import MAX_ANSWER_BYTES, POPULATION_PATH, SEALED_TYPE
from auth.wire.signatures import AnswerVerifier, HttpAnswer, HttpRequest, sign_request
from benchmarks.clock import median_ms
from benchmarks.figure import Figure
from mock_cards.build import CardFactory
from mock_cards.personas import load_persona
from mock_registers import open_register_sandbox
from mock_registers.app import Register, make_registers
from mock_registers.faults import REGISTERS
from mock_registers.gate import EnrolledDevice
from mock_registers.keys import SandboxKey
from mock_registers.storage import Storage
from reader.access import Can, open_channel
from reader.files import FileId, read_file
from reader.lds.identity import CalendarDate
from reader.trust import TrustMaterial

T = TypeVar("T")
ROUNDS = 200
OVER_TLS = 40
GOAL_MS = 8.0
ORIGIN = "https://127.0.0.1:4443/population"
# As long as a token of RFC 9068 with authorization details is.
TOKEN = "x" * 900


def figures() -> list[Figure]:
    card = load_persona("nguyen-van-mau").card
    birth = CalendarDate.from_iso(card.date_of_birth)
    basis = "Luật Căn cước 26/2023/QH15, Điều 22"
    lookup = Lookup("visit-1", card.personal_number, card.full_name, birth, "citizen-information", basis, "cb-001")
    with closing(Storage()) as storage:
        storage.fill([load_persona("nguyen-van-mau")])
        steps = _Desk(storage).look_ups(lookup, ROUNDS)
    whole = [sum(times) for times in zip(*steps.values(), strict=True)]
    return [
        Figure("client, one look-up", statistics.median(whole), "ms CPU", GOAL_MS),
        *(Figure(f"  {step}", statistics.median(times), "ms CPU") for step, times in steps.items()),
        Figure("whole over TLS on loopback, register included", _over_tls(lookup), "ms"),
    ]


class _Desk:
    """Do what a desk does for one look-up, step by step, and keep the time of each step."""

    def __init__(self, storage: Storage) -> None:
        self._signer, self._opener = SoftwareSigner.generate(), SoftwareOpener.generate()
        self._seal_key, key = SoftwareOpener.generate(), SandboxKey()
        device = EnrolledDevice("desk-1", self._signer.key_id, self._signer.public_key, self._opener.public_key)
        keys, openers = dict.fromkeys(REGISTERS, key), dict.fromkeys(REGISTERS, (self._seal_key,))
        self._register: Register = make_registers(storage, keys, {device.key_id: device}, {}, openers)[0]
        # The gate judges a signature over the address that the request names.
        self._verifier = AnswerVerifier(RegisterEndpoint("population", ORIGIN, (), (AnswerKey(key.key_id, key.spki),)))
        self._purposes = shipped_registry()
        self._spent: dict[str, list[float]] = {}

    def look_ups(self, lookup: Lookup, rounds: int) -> dict[str, list[float]]:
        """Return the milliseconds of each step, in each round."""
        tap = _Tap(self._word(lookup), self._signer, lookup)
        for _ in range(rounds):
            self._look_up(lookup, tap)
        return self._spent

    def _look_up(self, lookup: Lookup, tap: _Tap) -> None:
        message = self._timed("word", lambda: self._word(lookup))
        member = self._timed("write the card's proof", tap.member)
        sealed = self._timed("seal", lambda: self._seal(message, member))
        access = self._timed("prove possession (DPoP)", self._access)
        request = self._timed("sign", lambda: self._sign(sealed, lookup.purpose, access))
        answer = self._answered(request)
        self._timed("verify", lambda: self._verifier.verify(answer))
        opener = {self._opener.key_id: self._opener}
        plain = self._timed("open", lambda: open_sealed(answer.body, SEALED_ANSWER, opener, MAX_ANSWER_BYTES))
        read = self._timed("read", lambda: parse_answer("population", LookupAnswer[PersonMessage], plain))
        assert self._timed("hold the receipt", lambda: tap.holds(message))
        assert read.record is not None
        assert read.record.personal_number == lookup.personal_number

    def _word(self, lookup: Lookup) -> bytes:
        allowed = allowed_lookup("population", Wish.DATA, lookup, self._purposes)
        return word_lookup("population", "desk-1", allowed)

    def _seal(self, message: bytes, member: bytes) -> bytes:
        return seal(wrap(Inner(message, member)), SEALED_REQUEST, self._seal_key.key_id, self._seal_key.spki)

    def _sign(self, sealed: bytes, purpose: str, access: Mapping[str, str]) -> HttpRequest:
        url = ORIGIN + POPULATION_PATH
        return sign_request(url, sealed, purpose, self._signer, content_type=SEALED_TYPE, access=access)

    def _access(self) -> Mapping[str, str]:
        url = ORIGIN + POPULATION_PATH
        proof = make_proof(self._signer, "POST", url, int(time.time()), access_token=TOKEN, nonce="n" * 22)
        return {"authorization": f"DPoP {TOKEN}", "dpop": proof}

    def _answered(self, request: HttpRequest) -> HttpAnswer:
        response = self._register.answer(request)
        return HttpAnswer(response.status_code, dict(response.headers), bytes(response.body), request)

    def _timed(self, step: str, work: Callable[[], T]) -> T:
        begin = time.thread_time()
        done = work()
        self._spent.setdefault(step, []).append(1000 * (time.thread_time() - begin))
        return done


class _Tap:
    """Be one card that proved itself to a verifier in this process for one request, and the receipt of that."""

    def __init__(self, request: bytes, signer: SoftwareSigner, lookup: Lookup) -> None:
        factory, issuer = CardFactory("bench"), SoftwareSigner.generate()
        built = factory.build("nguyen-van-mau", chip="vietnam-2021")
        built.card.power_on()
        channel = open_channel(built.card, (Can.from_personal_number(built.personal_number),)).link
        sod, dg14, dg15, dg1 = (
            read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15, FileId.DG1)
        )
        key = DeviceKey.from_pem(issuer.public_pem())
        self._issuers = {"verifier": {key.key_id: key}}
        self._device = "desk-1", signer.key_id
        relay = RelaySecrets({"s": secrets.token_bytes(32)}, "s")
        trust = TrustMaterial.of(factory.anchors)
        store = SqliteStore()
        verifier = PresenceVerifier("verifier", issuer, relay, self._issuers, trust, "list", store)
        caller = Caller(*self._device, lookup.clerk, lookup.purpose)
        wish = ChallengeWish(commit({"population": request}), DocumentFiles(sod, dg14, dg15))
        offer = verifier.challenge(wish, caller)
        session = ChipSession(built.card, channel)
        self._proof = PresenceProver(session, wish.files, wish.commitment, self._issuers, "desk-1").prove(offer)
        self._subject = Subject(dg1, lookup.personal_number)
        self._receipt = verifier.judge(self._proof, request, "population", caller, self._subject).token
        store.close()

    def member(self) -> bytes:
        """Write what goes beside the question."""
        return write_member(self._proof, self._subject)

    def holds(self, request: bytes) -> bool:
        """Verify the receipt, and tell whether the proof was taken."""
        return hold_receipt(self._receipt, self._proof, request, "population", self._device, self._issuers).accepted


def _over_tls(lookup: Lookup) -> float:
    with open_register_sandbox() as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        try:
            return median_ms(lambda: client.find_citizen(lookup), OVER_TLS)
        finally:
            client.close()
