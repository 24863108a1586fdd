"""What a sandbox hands over to a desk: emulated cards, registers on loopback, and clerks to sign in.

Sandboxes are found by the entry-point group ``motcua.sandbox``: the desk imports none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

# For the annotations only: a window must not wait until the chip protocols and the wire are loaded.
if TYPE_CHECKING:
    from auth.clerk.endpoint import AuthorizationEndpoint
    from auth.device.certificate import DeviceCertificate
    from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
    from reader.iso7816 import CardTerminal, CardWatch

__all__ = [
    "CardSandbox",
    "CardSandboxFactory",
    "ClerkSandbox",
    "RegisterSandbox",
    "RegisterSandboxFactory",
    "SandboxCard",
]


@dataclass(frozen=True, slots=True)
class SandboxCard:
    """Name an emulated card: a persona and, where wanted, forgeries and faults."""

    persona: str
    forgeries: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class CardSandbox(Protocol):
    """Offer emulated cards in this process, with card events like those of PC/SC."""

    @property
    def watch(self) -> CardWatch:
        """Return the watch that tells when cards come and go."""
        ...

    @property
    def terminal(self) -> CardTerminal:
        """Return the terminal that connects to the card."""
        ...

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Return the test CSCA certificates, DER."""
        ...

    @property
    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the revocation lists of the test CSCA, DER."""
        ...

    @property
    def personas(self) -> tuple[str, ...]:
        """Return the names of the personas there are."""
        ...

    def full_name(self, persona: str) -> str:
        """Return the name on the card of ``persona``; KeyError: no such persona."""
        ...

    @property
    def printed_mrz(self) -> str:
        """Return the MRZ printed on the card on the reader, three lines joined by newlines; empty without a card."""
        ...

    @property
    def forgeries(self) -> tuple[str, ...]:
        """Return the names of the forgeries there are."""
        ...

    def insert(self, card: SandboxCard) -> str:
        """Put a card on the emulated reader and return its printed 12-digit number; ValueError: no such name."""
        ...

    def remove(self) -> None:
        """Take the card away."""
        ...


class ClerkSandbox(Protocol):
    """Offer an authorization server, and a browser with an invented clerk in front of it."""

    @property
    def endpoint(self) -> AuthorizationEndpoint:
        """Return where clerks sign in."""
        ...

    def browser(self, clerk_id: str = "") -> Callable[[str], bool]:
        """Return what opens an address and signs a clerk in there; KeyError: nobody has this id."""
        ...


class RegisterSandbox(Protocol):
    """Offer sandbox registers on loopback."""

    @property
    def endpoints(self) -> tuple[RegisterEndpoint, ...]:
        """Return where the registers are and by what they are known."""
        ...

    @property
    def device(self) -> DeviceCredential:
        """Return the credential of an enrolled test device."""
        ...

    @property
    def device_certificate(self) -> DeviceCertificate | None:
        """Return the certificate of the device's signing key, by which its slips are signed."""
        ...

    @property
    def clerks(self) -> ClerkSandbox | None:
        """Return where clerks sign in, None where nobody need."""
        ...


CardSandboxFactory = Callable[[], AbstractContextManager[CardSandbox]]


class RegisterSandboxFactory(Protocol):
    """Serve sandbox registers until the context ends."""

    def __call__(
        self,
        *,
        fault: str = "",
        people: tuple[str, ...] = (),
        card_anchors: tuple[bytes, ...] = (),
        card_lists: tuple[bytes, ...] = (),
        clerks: bool = False,
    ) -> AbstractContextManager[RegisterSandbox]:
        """Serve; ``fault`` is NAME or REGISTER:NAME, ``people`` are files of persons who are known besides.

        With ``card_anchors``, DER certificates of card issuers, cards of theirs can prove that they are there;
        ``card_lists`` are the issuers' revocation lists. With ``clerks`` nobody is
        answered without a clerk who signed in.

        Raise ValueError for a fault that there is not, and for a file that is no person.
        """
        ...
