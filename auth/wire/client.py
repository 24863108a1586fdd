"""One signed request over TLS to one register, and back only what the register verifiably said to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from auth.errors import AnswerNotTrusted, RegisterRefused, RegisterUnreachable
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.exchange import HttpsExchange
from auth.wire.profile import (
    CONTENT_TYPE,
    PROBLEM_BASE,
    PROBLEM_TYPE,
    REFUSALS,
)
from auth.wire.signatures import AnswerVerifier, HttpAnswer, sign_request

__all__ = ["SignedAnswer", "WireClient"]


@dataclass(frozen=True, slots=True, repr=False)
class SignedAnswer:
    """Hold the body of an answer whose signature was verified and bound to our request."""

    body: bytes
    key_id: str
    created: datetime

    def __repr__(self) -> str:
        """Show the key, not what was said."""
        return f"SignedAnswer({self.key_id}, {len(self.body)} bytes)"


class WireClient:
    """Ask one register, one request at a time or several at once, from any thread.

    What goes over the line and how is ``HttpsExchange``'s; what may be believed of it is judged here.
    """

    def __init__(self, endpoint: RegisterEndpoint, device: DeviceCredential, *, deadline_s: float = 10.0) -> None:
        """Take ``deadline_s`` as the total from the call to the last byte; raise RegisterUnreachable for bad keys."""
        self._endpoint = endpoint
        self._device = device
        self._deadline_s = deadline_s
        self._https = HttpsExchange(endpoint, accept=f"{CONTENT_TYPE}, {PROBLEM_TYPE}")
        self._verifier = AnswerVerifier(endpoint)

    @property
    def register(self) -> str:
        """Return the stable name of the register."""
        return self._endpoint.register

    def ask(self, path: str, body: bytes, purpose: str) -> SignedAnswer:
        """Return the verified answer to ``body``.

        Raises RegisterUnreachable, RegisterTimeout, AnswerNotTrusted, or RegisterRefused for a signed problem
        document (RFC 9457). An unsigned error is trouble on the way, never the register's verdict.
        """
        late = monotonic() + self._deadline_s
        request = sign_request(self._endpoint.base_url.rstrip("/") + path, body, purpose, self._device.signer)
        answer = self._https.send(request, late - monotonic())
        problem = _expect_answer(self.register, answer)
        verified = self._verifier.verify(answer)
        if problem:
            raise RegisterRefused(self.register, _refusal(answer.body))
        return SignedAnswer(answer.body, verified.key_id, verified.created)

    def close(self) -> None:
        """Break off what is under way and end the thread; ``ask`` raises RegisterUnreachable from then on."""
        self._https.close()


def _expect_answer(register: str, answer: HttpAnswer) -> bool:
    """Tell whether ``answer`` claims to be a problem document; raise where it is neither that nor a result.

    What stands in for the register on the way — a captive portal, a proxy's error page, a redirect — ends here.
    """
    status = answer.status_code
    if 300 <= status < 400:
        raise AnswerNotTrusted(register, "redirect")
    if status >= 500 and "signature" not in answer.headers:
        raise RegisterUnreachable(register, f"http-{status}")
    problem = status >= 400
    if not problem and status != 200:
        raise AnswerNotTrusted(register, "unexpected-status")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != (PROBLEM_TYPE if problem else CONTENT_TYPE):
        raise AnswerNotTrusted(register, "content-type")
    return problem


def _refusal(body: bytes) -> str:
    """Return the name of a problem type that we know, else "refused": a register's free text is never passed on."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "refused"
    kind = document.get("type") if isinstance(document, dict) else None
    name = kind.removeprefix(PROBLEM_BASE) if isinstance(kind, str) else ""
    return name if name in REFUSALS else "refused"
