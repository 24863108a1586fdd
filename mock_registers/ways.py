"""What a register offers, as data: the routes are made of it, and so is the published contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fastapi import Response
from pydantic import BaseModel

from auth.wire.signatures import HttpRequest
from mock_registers.refusal import Refusal

__all__ = ["Answering", "Service", "Way"]

Answering = Callable[[HttpRequest], Response]


@dataclass(frozen=True, slots=True)
class Way:
    """Hold one kind of request: the path below the register's name, who answers it, its body, its name in words.

    ``reply`` is what the answer says; ``sealed`` where both go in envelopes, and ``alone`` where no proof of presence
    may come beside the body. ``later`` where the answer may be promised for later (202), ``promised`` where it was:
    the path then ends in the ticket, and the answer is sealed though the request is not.
    """

    path: str
    answer: Answering
    message: type[BaseModel]
    name: str
    reply: type[BaseModel] | None = None
    sealed: bool = False
    alone: bool = False
    later: bool = False
    promised: bool = False


class Service(Protocol):
    """Answer requests below one name."""

    @property
    def name(self) -> str:
        """Return the register's name, the first part of every path."""
        ...

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the kinds of requests that are answered."""
        ...

    def refuse(self, request: HttpRequest, refusal: Refusal) -> Response:
        """Return the signed refusal of a request that is not even looked at."""
        ...
