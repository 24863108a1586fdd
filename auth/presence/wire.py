"""The messages of the presence proof as JSON, for desk and register alike: bounded, and nothing in them unread.

A refusal is an answer like any other: it is signed on the wire, and names its reason and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.presence.claims import MAX_COUNTER, MAX_SIGNATURES, MOST_PAGES, ChipProtocol, Clerk, Name, Target
from auth.presence.commitment import MAX_REQUESTS, Commitment
from auth.presence.document import DocumentFiles
from auth.presence.encoding import from_text, to_text
from auth.presence.errors import PresenceRefused
from auth.presence.judging import Subject
from auth.presence.levels import Mode, Reason
from auth.presence.log_growth import MAX_GROWTH_BYTES, LogGrowth
from auth.presence.log_proof import MAX_LOG_PROOF
from auth.presence.messages import ChallengeOffer, ChallengeWish, GivenReceipt, Proof
from auth.presence.receipts import Receipt
from reader.errors import DataError

__all__ = [
    "BOOKLET_PURPOSE",
    "LOG_PURPOSE",
    "PRESENCE_BOOKLET_PATH",
    "PRESENCE_CHALLENGE_PATH",
    "PRESENCE_LOG_PATH",
    "PRESENCE_PROOF_PATH",
    "BookletMessage",
    "GrowthMessage",
    "ProofForRequest",
    "ProofMessage",
    "WishMessage",
    "read_booklet",
    "read_booklet_wish",
    "read_growth",
    "read_growth_wish",
    "read_member",
    "read_offer",
    "read_proof",
    "read_receipt",
    "read_wish",
    "write_booklet",
    "write_booklet_wish",
    "write_growth",
    "write_growth_wish",
    "write_member",
    "write_offer",
    "write_proof",
    "write_receipt",
    "write_refusal",
    "write_wish",
]

PRESENCE_CHALLENGE_PATH = "/v1/presence/challenges"
PRESENCE_PROOF_PATH = "/v1/presence/proofs"
PRESENCE_BOOKLET_PATH = "/v1/presence/booklets"
PRESENCE_LOG_PATH = "/v1/presence/log"
# A booklet is asked for before any citizen is there.
BOOKLET_PURPOSE = "presence-booklet"
# And how the log has grown is about no citizen.
LOG_PURPOSE = "presence-log"

# The wire bounds a request before it comes here (16 KiB in the open, 96 KiB sealed); these keep single fields sensible.
Text = Annotated[str, Field(max_length=16_384)]
Digests = Annotated[dict[Name, Annotated[str, Field(max_length=43)]], Field(min_length=1, max_length=MAX_REQUESTS)]

M = TypeVar("M", bound="_Message")


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FilesMessage(_Message):
    """Carry EF.SOD, DG14 and DG15."""

    sod: Text
    dg14: Text = ""
    dg15: Text = ""

    @classmethod
    def of(cls, files: DocumentFiles) -> FilesMessage:
        """Write files."""
        return cls(sod=to_text(files.sod), dg14=to_text(files.dg14), dg15=to_text(files.dg15))

    def files(self) -> DocumentFiles:
        """Return the files; raise DataError for what is none."""
        return DocumentFiles(from_text(self.sod), from_text(self.dg14), from_text(self.dg15))


class WishMessage(_Message):
    """Ask for a challenge."""

    clerk: Clerk
    requests: Digests
    files: FilesMessage
    modes: Annotated[tuple[Mode, ...], Field(min_length=1, max_length=2)]
    protocol: ChipProtocol | None = None
    target: Target
    evidence: bool


class _Offer(_Message):
    token: Text = ""
    terminal_key: Text = ""
    commands: Annotated[tuple[Text, ...], Field(max_length=2)] = ()
    refused: Reason | None = None


class PersonMessage(_Message):
    """Carry DG1, and the number that the request names."""

    dg1: Annotated[str, Field(max_length=400)]
    personal_number: Annotated[str, Field(pattern="^[0-9]{12}$")]

    @classmethod
    def of(cls, subject: Subject) -> PersonMessage:
        """Write whom a request is about."""
        return cls(dg1=to_text(subject.dg1), personal_number=subject.personal_number)

    def subject(self) -> Subject:
        """Return whom a request is about; raise DataError for what is no DG1."""
        return Subject(from_text(self.dg1), self.personal_number)


class MemberMessage(_Message):
    """Carry a proof beside the request that it is for."""

    token: Text
    mode: Mode
    answers: Annotated[tuple[Text, ...], Field(max_length=MAX_SIGNATURES)]
    files: FilesMessage
    requests: Digests
    milliseconds: Annotated[tuple[Annotated[int, Field(ge=0, le=1 << 32)], ...], Field(max_length=8)]
    counter: Annotated[int, Field(ge=0, le=MAX_COUNTER)] | None = None
    person: PersonMessage | None = None

    def proof(self) -> Proof:
        """Return the proof; raise DataError for what is none."""
        answers = tuple(from_text(answer) for answer in self.answers)
        return Proof(
            self.token,
            self.mode,
            answers,
            self.files.files(),
            _commitment(self.requests),
            self.milliseconds,
            self.counter,
        )


class ProofMessage(MemberMessage):
    """Bring a proof with the request that it is for, to a verifier that stands by itself."""

    clerk: Clerk
    audience: Name
    body: Text


class BookletMessage(_Message):
    """Ask for a booklet of so many pages."""

    clerk: Clerk
    count: Annotated[int, Field(ge=1, le=MOST_PAGES)]


class _Booklet(_Message):
    pages: Annotated[tuple[Text, ...], Field(max_length=MOST_PAGES)] = ()
    refused: Reason | None = None


class GrowthMessage(_Message):
    """Ask how the log of ``new`` leaves, or of all, continues that of ``old``."""

    old: Annotated[int, Field(ge=0, le=1 << 53)]
    new: Annotated[int, Field(ge=0, le=1 << 53)] | None = None


class _Growth(_Message):
    growth: Annotated[str, Field(max_length=MAX_GROWTH_BYTES)] = ""
    refused: Reason | None = None


class _Receipt(_Message):
    receipt: Text = ""
    log: Annotated[str, Field(max_length=MAX_LOG_PROOF)] = ""
    refused: Reason | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ProofForRequest:
    """Hold a proof with the request that it comes with, and whom that is about."""

    proof: Proof
    audience: str
    body: bytes
    subject: Subject | None = None

    def __repr__(self) -> str:
        """Show for whom only."""
        return f"ProofForRequest({self.audience})"


def write_wish(wish: ChallengeWish, clerk: str) -> bytes:
    """Write the wish for a challenge; ``clerk`` is who works at the desk, DataError where that is no name for one."""
    with _border():
        message = WishMessage(
            clerk=clerk,
            requests=_digests(wish.commitment),
            files=FilesMessage.of(wish.files),
            modes=wish.modes,
            protocol=wish.protocol,
            target=wish.target,
            evidence=wish.evidence,
        )
    return _write(message)


def read_wish(raw: bytes) -> tuple[ChallengeWish, str]:
    """Read a wish and the clerk's name; raise DataError for anything else."""
    said = _read(WishMessage, raw)
    wish = ChallengeWish(
        _commitment(said.requests), said.files.files(), said.modes, said.protocol, said.target, said.evidence
    )
    return wish, said.clerk


def write_offer(offer: ChallengeOffer) -> bytes:
    """Write a challenge."""
    commands = tuple(to_text(command) for command in offer.commands)
    return _write(_Offer(token=offer.token, terminal_key=to_text(offer.terminal_key), commands=commands))


def read_offer(raw: bytes) -> ChallengeOffer:
    """Read a challenge; raise PresenceRefused where the register gave none, DataError for anything else."""
    said = _read(_Offer, raw)
    _require_given(said.token, said.refused)
    return ChallengeOffer(said.token, from_text(said.terminal_key), tuple(from_text(one) for one in said.commands))


def write_proof(given: ProofForRequest, clerk: str) -> bytes:
    """Write a proof with its request; raise DataError for what does not go into a message."""
    with _border():
        message = ProofMessage(
            clerk=clerk,
            audience=given.audience,
            body=to_text(given.body),
            **_fields(given.proof, given.subject),
        )
    return _write(message)


def read_proof(raw: bytes) -> tuple[ProofForRequest, str]:
    """Read a proof and the clerk's name; raise DataError for anything else."""
    said = _read(ProofMessage, raw)
    subject = said.person.subject() if said.person else None
    return ProofForRequest(said.proof(), said.audience, from_text(said.body), subject), said.clerk


def write_member(proof: Proof, subject: Subject | None) -> bytes:
    """Write what travels beside a request, in the same sealed body; raise DataError for what does not go into it."""
    with _border():
        return _write(MemberMessage(**_fields(proof, subject)))


def read_member(raw: bytes) -> tuple[Proof, Subject | None]:
    """Read what came beside a request; raise DataError for anything else."""
    said = _read(MemberMessage, raw)
    return said.proof(), said.person.subject() if said.person else None


def write_receipt(receipt: Receipt) -> bytes:
    """Write a receipt."""
    return _write(_Receipt(receipt=receipt.token, log=receipt.log.to_text()))


def read_receipt(raw: bytes) -> GivenReceipt:
    """Read a receipt; raise PresenceRefused where the register gave none, DataError for anything else.

    What proves that it was logged is bounded, and left as it came.
    """
    said = _read(_Receipt, raw)
    _require_given(said.receipt, said.refused)
    return GivenReceipt(said.receipt, said.log)


def write_booklet_wish(count: int, clerk: str) -> bytes:
    """Write the wish for a booklet; raise DataError for a count that none has, or a clerk without a name for it."""
    with _border():
        return _write(BookletMessage(clerk=clerk, count=count))


def read_booklet_wish(raw: bytes) -> tuple[int, str]:
    """Read the wish for a booklet: how many pages, and the clerk's name; raise DataError for anything else."""
    said = _read(BookletMessage, raw)
    return said.count, said.clerk


def write_booklet(pages: tuple[str, ...]) -> bytes:
    """Write a booklet."""
    return _write(_Booklet(pages=pages))


def read_booklet(raw: bytes) -> tuple[str, ...]:
    """Read a booklet; raise PresenceRefused where the register gave none, DataError for anything else."""
    said = _read(_Booklet, raw)
    _require_given("".join(said.pages), said.refused)
    return said.pages


def write_growth_wish(old: int, new: int | None) -> bytes:
    """Write the wish for the growth of a log; raise DataError for lengths that no log has."""
    with _border():
        return _write(GrowthMessage(old=old, new=new))


def read_growth_wish(raw: bytes) -> tuple[int, int | None]:
    """Read from which length to which one is asked; raise DataError for anything else."""
    said = _read(GrowthMessage, raw)
    return said.old, said.new


def write_growth(growth: LogGrowth) -> bytes:
    """Write the growth of a log."""
    return _write(_Growth(growth=growth.to_bytes().decode("utf-8")))


def read_growth(raw: bytes) -> LogGrowth:
    """Read the growth of a log; raise PresenceRefused where the register gave none, DataError for anything else."""
    said = _read(_Growth, raw)
    _require_given(said.growth, said.refused)
    return LogGrowth.read(said.growth.encode("utf-8", "backslashreplace"))


def write_refusal(reason: Reason) -> bytes:
    """Write why there is no challenge, or no receipt."""
    return _write(_Receipt(refused=reason))


def _require_given(token: str, refused: Reason | None) -> None:
    if refused is not None:
        raise PresenceRefused(refused)
    if not token:
        raise DataError("an answer that says nothing")


def _fields(proof: Proof, subject: Subject | None) -> dict[str, Any]:
    return {
        "token": proof.token,
        "mode": proof.mode,
        "answers": tuple(to_text(answer) for answer in proof.answers),
        "files": FilesMessage.of(proof.files),
        "requests": _digests(proof.commitment),
        "milliseconds": proof.milliseconds,
        "counter": proof.counter,
        "person": PersonMessage.of(subject) if subject else None,
    }


def _digests(commitment: Commitment) -> dict[str, str]:
    return {audience: to_text(value) for audience, value in commitment.digests}


def _commitment(digests: dict[str, str]) -> Commitment:
    return Commitment.of({audience: from_text(value) for audience, value in digests.items()})


def _write(message: BaseModel) -> bytes:
    return message.model_dump_json(exclude_none=True, exclude_defaults=True).encode()


def _read(model: type[M], raw: bytes) -> M:
    with _border():
        return model.model_validate_json(raw)


@contextmanager
def _border() -> Iterator[None]:
    """Map what the models refuse: their own words quote the value, which may be a person's."""
    try:
        yield
    except ValidationError:
        raise DataError("malformed presence message") from None
