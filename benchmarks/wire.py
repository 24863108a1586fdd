"""The wire: what one look-up costs the desk's processor, beside the waiting — sealing, proving, signing, verifying.

Measured is the time of the thread that does it, without the network and without the register, which answers in
between. The whole over TLS on loopback stands beside it, register, handshake and all, by the clock.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TypeVar

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
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
from mock_cards.personas import load_persona
from mock_registers import open_register_sandbox
from mock_registers.app import Register, make_registers
from mock_registers.faults import REGISTERS
from mock_registers.gate import EnrolledDevice
from mock_registers.keys import SandboxKey
from mock_registers.storage import Storage
from reader.lds.identity import CalendarDate

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
        self._spent: dict[str, list[float]] = {}

    def look_ups(self, lookup: Lookup, rounds: int) -> dict[str, list[float]]:
        """Return the milliseconds of each step, in each round."""
        for _ in range(rounds):
            self._look_up(lookup)
        return self._spent

    def _look_up(self, lookup: Lookup) -> None:
        message = self._timed("word", lambda: self._word(lookup))
        sealed = self._timed("seal", lambda: self._seal(message))
        access = self._timed("prove possession (DPoP)", self._access)
        request = self._timed("sign", lambda: self._sign(sealed, lookup.purpose, access))
        answer = self._answered(request)
        self._timed("verify", lambda: self._verifier.verify(answer))
        opener = {self._opener.key_id: self._opener}
        plain = self._timed("open", lambda: open_sealed(answer.body, SEALED_ANSWER, opener, MAX_ANSWER_BYTES))
        read = self._timed("read", lambda: parse_answer("population", LookupAnswer[PersonMessage], plain))
        assert read.record is not None
        assert read.record.personal_number == lookup.personal_number

    def _word(self, lookup: Lookup) -> bytes:
        allowed = allowed_lookup("population", Wish.DATA, lookup, self._purposes)
        return word_lookup("population", "desk-1", allowed)

    def _seal(self, message: bytes) -> bytes:
        return seal(wrap(Inner(message)), SEALED_REQUEST, self._seal_key.key_id, self._seal_key.spki)

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


def _over_tls(lookup: Lookup) -> float:
    with open_register_sandbox() as sandbox:
        client = PopulationClient(sandbox.endpoint("population"), sandbox.device)
        try:
            return median_ms(lambda: client.find_citizen(lookup), OVER_TLS)
        finally:
            client.close()
