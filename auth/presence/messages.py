"""What travels between desk and verifier beside the tokens: the wish for a challenge, the challenge, the proof."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from auth.presence.claims import CLERK_TEXT, NAME_TEXT, ChipProtocol, Target
from auth.presence.commitment import Commitment
from auth.presence.document import DocumentFiles
from auth.presence.encoding import DIGEST_TEXT, digest
from auth.presence.errors import PresenceRefused
from auth.presence.levels import Mode, Reason

__all__ = ["Caller", "ChallengeOffer", "ChallengeWish", "GivenReceipt", "Proof", "digest_of_answers", "is_name"]

_NAME, _CLERK = re.compile(NAME_TEXT), re.compile(CLERK_TEXT)
_DIGEST = re.compile(DIGEST_TEXT)


def is_name(text: str) -> bool:
    """Tell whether tokens can name somebody by ``text``."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """Hold who asks, as the wire has authenticated them: device, thumbprint of its key, clerk and purpose.

    Tokens and receipts name them, so they are ids: PresenceRefused for anything else, such as what a clerk is called.
    """

    device: str
    device_key: str
    clerk: str
    purpose: str

    def __post_init__(self) -> None:
        """Refuse what no token can name; the value is repeated nowhere."""
        named = is_name(self.device) and is_name(self.purpose) and _CLERK.fullmatch(self.clerk)
        if not named or not _DIGEST.fullmatch(self.device_key):
            raise PresenceRefused(Reason.MALFORMED)


@dataclass(frozen=True, slots=True)
class ChallengeWish:
    """Hold what a desk commits to, and the document whose chip will answer: no name, number or picture.

    ``modes`` are those it can perform, in its order; ``protocol`` the Chip Authentication that the chip was found to
    take; ``target`` how the chip lets DG14 be read, which a verifier must keep to; ``evidence`` asks for signatures
    over the whole transcript.
    """

    commitment: Commitment
    files: DocumentFiles
    modes: tuple[Mode, ...] = (Mode.CHIP, Mode.ACTIVE)
    protocol: ChipProtocol | None = None
    target: Target = Target.READ_BY_SFI
    evidence: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ChallengeOffer:
    """Hold what a verifier hands out: the token and, for Chip Authentication, its key and the commands to relay."""

    token: str
    terminal_key: bytes = b""
    commands: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of it: a challenge is a nonce."""
        return f"ChallengeOffer({len(self.commands)} commands)"


@dataclass(frozen=True, slots=True, repr=False)
class Proof:
    """Hold what a desk brings back: the token, the card's answers unopened, and the document again.

    The document comes again since the verifier keeps nothing in between. ``milliseconds`` is how long each answer
    took, by the desk's word. ``counter`` is the device's own where the token is a page of a booklet.
    """

    token: str
    mode: Mode
    answers: tuple[bytes, ...]
    files: DocumentFiles
    commitment: Commitment
    milliseconds: tuple[int, ...] = field(default=())
    counter: int | None = None

    def __repr__(self) -> str:
        """Show the mode only."""
        return f"Proof({self.mode})"

    @property
    def digest(self) -> bytes:
        """Return what a receipt names the card's answers by."""
        return digest_of_answers(self.mode, self.answers)


@dataclass(frozen=True, slots=True)
class GivenReceipt:
    """Hold a receipt as it came, and what came with it to prove that it was logged, both still unread.

    ``auth.presence.hold_log`` reads the latter: a receipt is worth what it says whatever came with it.
    """

    token: str
    log: str = ""


def digest_of_answers(mode: Mode, answers: Iterable[bytes]) -> bytes:
    """Return SHA-256 over mode and answers, each with its length before it."""
    parts = (len(answer).to_bytes(4, "big") + answer for answer in answers)
    return digest("CPP1-proof", mode.encode("ascii"), b"\0", *parts)
