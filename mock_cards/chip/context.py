"""What a chip remembers: for ever, within a session, and for the next command only."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_cards.access import PaceRun, PasswordStore
from mock_cards.access.secure_messaging import SecureSession
from mock_cards.chip.files import FileAccess, FileSystem
from mock_cards.coprocessor import Coprocessor
from mock_cards.genuine import TerminalAuthentication, TrustStore
from mock_cards.image import CardImage, ChipKey, PasswordKind
from reader.iso7816 import ResponseAPDU

__all__ = ["Context", "Memory", "Outcome", "Pending", "SessionState"]


class Memory:
    """Hold what outlives resets and power: tries left, a changed PIN, trust points, the current date."""

    def __init__(self, image: CardImage) -> None:
        self.passwords = PasswordStore(image.passwords)
        self.trust = TrustStore(image.trust_points, image.personalised)


@dataclass(frozen=True, slots=True, repr=False)
class Pending:
    """Hold what the next command may carry on; ``part`` is the data so far of a chain of commands, ``chain`` whose.

    The parts of a GENERAL AUTHENTICATE stand beside the protocol that they belong to, and name nobody.
    """

    pace: PaceRun | None = None
    challenge: bytes | None = None
    chip_key: ChipKey | None = None
    part: bytes = b""
    chain: bytes = b""


@dataclass(slots=True, repr=False)
class SessionState:
    """Hold what a session of secure messaging has established; gone with the session.

    ``password`` is None after BAC. ``chip_id`` is ID_IC and ``terminal_key`` Comp(PK_DH,IFD) of Terminal
    Authentication, the latter empty until Chip Authentication or chip-authentication mapping (ICAO 9303-11 §7.1.2).
    ``agreed`` tells whether Chip Authentication was performed in it.
    """

    terminal: TerminalAuthentication
    password: PasswordKind | None = None
    chip_id: bytes = b""
    terminal_key: bytes = b""
    agreed: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """Hold an answer, and the session that begins after it with what that has established.

    Neither begins where the answer cannot be given: the terminal then has no half of the new keys.
    """

    response: ResponseAPDU
    session: SecureSession | None = None
    state: SessionState | None = None


@dataclass(slots=True, repr=False)
class Context:
    """Hand the parts of one chip to its commands; ``state`` is None outside a session."""

    image: CardImage
    coprocessor: Coprocessor
    memory: Memory
    files: FileSystem
    state: SessionState | None = None
    pending: Pending = field(default_factory=Pending)

    @property
    def access(self) -> FileAccess:
        """Return what may be read now."""
        if self.state is None:
            return FileAccess(session=False)
        return FileAccess(session=True, pace=self.state.password is not None, rights=self.state.terminal.rights)

    def opened(self, password: PasswordKind | None, chip_id: bytes, terminal_key: bytes = b"") -> SessionState:
        """Return what a session begins with that was opened by ``password``."""
        terminal = TerminalAuthentication(self.memory.trust, self.coprocessor)
        return SessionState(terminal, password, chip_id, terminal_key)

    def forget(self) -> None:
        """Drop the session's state, the current EF and every protocol half done."""
        self.state = None
        self.files.deselect()
        self.pending = Pending()
