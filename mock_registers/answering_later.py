"""A register that answers later: it takes a look-up with a signed 202, and gives the answer to whoever asks for it.

The look-up is made, sealed and written down with its one effect when it is taken, so that nothing is lost where the
sandbox ends before the answer is fetched; only the telling waits. A real register would look up meanwhile.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from auth.wire.profile import (
    ANSWERS_PATH,
    CONTENT_TYPE,
    LOCATION_HEADER,
    REQUEST_DIGEST_HEADER,
    RETRY_AFTER_HEADER,
    SEALED_TYPE,
    UNKNOWN_ANSWER,
)
from auth.wire.promise import request_digest
from auth.wire.signatures import HttpRequest
from mock_registers.answers import PlainAnswer
from mock_registers.faults import Fault
from mock_registers.gate import Admitted, Gate
from mock_registers.messages import Working
from mock_registers.promises import Promised, Promises
from mock_registers.refusal import Refusal

__all__ = ["LATER", "TakesLookups"]

READY_S = 1.0
_ASKED_EVERY_S = 2
_NEVER_S = 10 * 365 * 86_400.0
LATER = frozenset({Fault.ANSWERS_LATER, Fault.NEVER_READY, Fault.PROMISED_ELSEWHERE, Fault.PROMISES_MIXED_UP})


@dataclass(frozen=True, slots=True)
class TakesLookups:
    """Take look-ups for one register and give what was promised; ``fault`` is what it does wrong, if anything."""

    register: str
    gate: Gate
    promises: Promises
    fault: Fault | None = None

    def take(self, request: HttpRequest, admitted: Admitted, sealed: bytes) -> PlainAnswer:
        """Return that the answer will be there, or the answer where it is by now."""
        in_s = _NEVER_S if self.fault is Fault.NEVER_READY else READY_S
        promised = self.promises.make(admitted, request_digest(request), in_s)
        return self._told(request, promised, sealed)

    def give(self, request: HttpRequest) -> PlainAnswer:
        """Return what was promised under the ticket that ``request`` asks at; raise Refusal where nothing was."""
        asked = self.gate.admit_poll(request)
        found = self.promises.find(request.url.rpartition("/")[2], asked)
        if found is None:
            raise Refusal(404, UNKNOWN_ANSWER)
        return self._told(request, *found)

    def _told(self, request: HttpRequest, promised: Promised, sealed: bytes) -> PlainAnswer:
        digest = promised.request_digest
        if self.fault is Fault.PROMISES_MIXED_UP:
            digest = f"sha-256=:{'A' * 43}=:"
        about = (REQUEST_DIGEST_HEADER, digest)
        if not promised.wait_s:
            return PlainAnswer(200, SEALED_TYPE, sealed, (about,))
        # What is never ready is asked for every two seconds, as if it might be.
        wait = str(min(math.ceil(promised.wait_s), _ASKED_EVERY_S))
        where = (LOCATION_HEADER, self._location(request, promised.ticket))
        body = Working().model_dump_json().encode()
        return PlainAnswer(202, CONTENT_TYPE, body, (where, (RETRY_AFTER_HEADER, wait), about))

    def _location(self, request: HttpRequest, ticket: str) -> str:
        if self.fault is Fault.PROMISED_ELSEWHERE:
            return f"https://127.0.0.1:9/{self.register}{ANSWERS_PATH}{secrets.token_urlsafe(32)}"
        # RFC 9110 §10.2.2 lets it be relative; what is told is that of the register that was asked.
        return f"/{self.register}{ANSWERS_PATH}{ticket}"
