"""An answer that comes later: a register takes a look-up with 202 and says where its answer will be (RFC 9110 §15.3.3).

The 202 is signed and bound to the look-up like every answer. Its Location is an address of this register and no other,
and all it says is a ticket: 32 random bytes, which mean nothing to anybody and open nothing by themselves. Whoever asks
there signs for it, with the clerk's proof, as the same device, for the same purpose and under the same idempotency key,
and says which request it is that was taken.

What makes the answer that is fetched the answer to the look-up, which went over another exchange? It is bound by its
signature to the request that fetches it (``;req``), whose digest covers the digest of the look-up and whose
idempotency-key is the look-up's; the register names that digest once more in its own word (Request-Digest, signed), so
that one which mixed up two tickets is found out by what it says itself; and the message that was sealed names the act,
as always. The digest is over what a look-up is (where to, for what, under which key, which sealed bytes) and not over
its signature: sent again from the outbox days later it has another signature, and is the same look-up.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from http_message_signatures import ContentDigest

from auth.errors import AnswerNotTrusted
from auth.wire.dpop import normal_target
from auth.wire.problem import retry_after
from auth.wire.profile import (
    ANSWERS_PATH,
    IDEMPOTENCY_HEADER,
    LOCATION_HEADER,
    PURPOSE_HEADER,
    REQUEST_DIGEST_HEADER,
    RETRY_AFTER_HEADER,
)
from auth.wire.signatures import HttpAnswer, HttpRequest

__all__ = ["MAX_POLLS", "TICKET", "Promise", "ask_for", "check_answered", "read_promise", "request_digest"]

# 32 bytes in base64url without padding (RFC 4648 §5): the last character holds four bits.
TICKET = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
MAX_POLLS = 240
_MAX_LOCATION = 500
_USUAL_S = 1.0
# However little a register says to wait, it is not asked more often than this.
_LEAST_S = 0.2


@dataclass(frozen=True, slots=True)
class Promise:
    """Hold under which ticket an answer will be, and in how many seconds it is worth asking."""

    ticket: str
    wait_s: float

    @property
    def path(self) -> str:
        """Return where to ask, below the register's address."""
        return ANSWERS_PATH + self.ticket


def request_digest(request: HttpRequest) -> str:
    """Return the digest of what a look-up is, as a Content-Digest is written (RFC 9530 §2)."""
    fields = (request.headers.get(name, "") for name in (PURPOSE_HEADER, IDEMPOTENCY_HEADER))
    parts = [
        *(part.encode("utf-8", "surrogateescape") for part in (request.method, request.url, *fields)),
        request.body,
    ]
    return ContentDigest.create(b"".join(len(part).to_bytes(4, "big") + part for part in parts))


def ask_for(digest: str) -> bytes:
    """Return the body that asks for the answer to the look-up of ``digest``."""
    return json.dumps({"request_digest": digest}).encode("ascii")


def read_promise(register: str, base_url: str, answer: HttpAnswer) -> Promise:
    """Return what a verified 202 promises; raise AnswerNotTrusted where its Location is none that may be followed."""
    location = answer.headers.get(LOCATION_HEADER, "")
    if not location:
        raise AnswerNotTrusted(register, "location-missing")
    if len(location) > _MAX_LOCATION or not location.isascii() or not location.isprintable():
        raise AnswerNotTrusted(register, "location-malformed")
    ticket = location.rpartition("/")[2]
    if not TICKET.fullmatch(ticket):
        raise AnswerNotTrusted(register, "location-malformed")
    try:
        there = normal_target(urljoin(answer.request.url, location))
        ours = normal_target(base_url.rstrip("/") + ANSWERS_PATH + ticket)
    except ValueError:
        raise AnswerNotTrusted(register, "location-malformed") from None
    if there != ours:
        # Another host, another port, another register of the same host: nobody else is told of this look-up.
        raise AnswerNotTrusted(register, "location-foreign")
    wait = retry_after(answer.headers.get(RETRY_AFTER_HEADER))
    return Promise(ticket, max(wait if wait is not None else _USUAL_S, _LEAST_S))


def check_answered(register: str, answer: HttpAnswer, digest: str) -> None:
    """Raise AnswerNotTrusted unless a verified ``answer`` says that it is about the look-up of ``digest``."""
    if answer.headers.get(REQUEST_DIGEST_HEADER) != digest:
        raise AnswerNotTrusted(register, "answers-another-request")
