"""What a register, or somebody on the way to it, may do wrong: each fault has a name and does one thing."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auth.wire.signatures import HttpAnswer
from mock_registers.named_fault import NamedFault

__all__ = ["REGISTERS", "Fault", "Hanging", "http_response", "parse_fault", "until_disconnected"]

REGISTERS = ("population", "land", "housing")


class Fault(NamedFault):
    """Name a fault; ``about`` says what it does."""

    HANGS = "hangs", "takes the request and never answers"
    SLOW = "slow", "answers rightly after 3 s"
    SLOW_DRIP = "slow-drip", "answers rightly, one byte every 0.1 s"
    UNSIGNED_ANSWER = "unsigned-answer", "leaves the signature out"
    UNSIGNED_REFUSAL = "unsigned-refusal", "refuses with a problem document that nobody signed"
    FOREIGN_KEY = "foreign-key", "signs with a stranger's key under the register's key id"
    EXPIRED_KEY = "expired-key", "signs with a key that the register gave up"
    OUT_OF_TIME = "out-of-time", "signs as if it were an hour ago"
    UNBOUND = "unbound", "signs the answer, but not which request it answers"
    UNCOVERED_FIELD = "uncovered-field", "adds a Retry-After field that the signature leaves out"
    ANOTHER_CITIZEN = "another-citizen", "seals, signs and binds the record of somebody else"
    MORE_THAN_ASKED = "more-than-asked", "seals, signs and binds fields and answers that nobody asked for"
    REPLAYED_ANSWER = "replayed-answer", "gives the answer that was made for another request"
    UNSEALED_ANSWER = "unsealed-answer", "signs and binds the record, but leaves the envelope out"
    SEALED_TO_ANOTHER = "sealed-to-another", "seals to somebody else's key"
    SEALED_WRONGLY = "sealed-wrongly", "seals to a stranger's key under the device's key id"
    SEAL_KEY_GONE = "seal-key-gone", "says that it knows the key no longer to which the look-up was sealed"
    GARBAGE = "garbage", "seals, signs and binds bytes that are no message"
    HALF_RECORD = "half-record", "seals, signs and binds a record with fields missing"
    EXTRA_FIELD = "extra-field", "tells more of the citizen than it was asked for"
    HALF_ANSWER = "half-answer", "signs the whole answer and sends half of it"
    ANSWERS_LATER = "answers-later", "takes the look-up with a signed 202; who fetches the answer has it after 1 s"
    NEVER_READY = "never-ready", "takes the look-up with a signed 202 and never has the answer"
    PROMISED_ELSEWHERE = "promised-elsewhere", "takes the look-up and says that the answer will be on another server"
    PROMISES_MIXED_UP = "promises-mixed-up", "takes the look-up, and gives the answer as one to another request"
    LOST_ANSWER = "lost-answer", "does what it was asked and loses the answer; sent again, the request is answered"
    HTTP_500 = "http-500", "fails with an unsigned 500"
    HTTP_503 = "http-503", "is away with an unsigned 503 and Retry-After: 120"
    HTTP_429 = "http-429", "has had too many requests, unsigned, with a Retry-After date"
    MAINTENANCE = "maintenance", "says in a signed 503 of its gateway to come back after 600 s"
    TOO_MANY_REQUESTS = "too-many-requests", "refuses with a signed 429 to come back after 30 s"
    REDIRECT = "redirect", "sends the desk elsewhere with a 307"
    GZIP = "gzip", "compresses the answer"
    DROP_CONNECTION = "drop-connection", "breaks the connection in the middle of the answer"


def parse_fault(text: str) -> tuple[frozenset[str], Fault]:
    """Return which registers have which fault, from NAME or REGISTER:NAME; raise ValueError for anything else."""
    register, colon, name = text.rpartition(":")
    if colon and register not in REGISTERS:
        raise ValueError(f"no such register; there are {', '.join(REGISTERS)}")
    return (frozenset({register}) if colon else frozenset(REGISTERS)), Fault.named(name)


def http_response(answer: HttpAnswer) -> Response:
    """Return a signed answer as it goes out."""
    return Response(answer.body, status_code=answer.status_code, headers=dict(answer.headers))


async def until_disconnected(receive: Receive) -> None:
    """Wait until the desk is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Hanging(Response):
    """Wait until the desk gives up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the desk gives up."""
        await until_disconnected(receive)
