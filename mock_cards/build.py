"""From names to a card that answers: persona, forgeries, faults and chip come in, an emulated card goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from mock_cards import faults as fault_table
from mock_cards.card import EmulatedCard
from mock_cards.chip import Chip, ChipProfile, profile_by_name
from mock_cards.forgeries import Forgery, forge, forgery_by_name
from mock_cards.intervention import intervene
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.cv_pki import CvPki
from mock_cards.keys import seeded_rng
from mock_cards.personas import Persona, load_persona
from reader.crypto import Rng, system_rng

__all__ = ["BuiltCard", "CardFactory", "anchors", "build_chip", "default_profile", "profile_for", "shared_factory"]


@dataclass(frozen=True, slots=True, repr=False)
class BuiltCard:
    """Hold an emulated card and what is printed on it."""

    card: EmulatedCard
    personal_number: str
    mrz: str


def default_profile(persona: Persona) -> ChipProfile:
    """Return the chip that cards of the persona's generation have."""
    return profile_by_name("vietnam-2024" if persona.card.generation >= 2024 else "vietnam-2021")


def profile_for(persona: Persona, forgeries: Iterable[Forgery]) -> ChipProfile:
    """Return the chip that a forgery needs, else the one of the persona's generation."""
    needed = next((forgery.chip for forgery in forgeries if forgery.chip), "")
    return profile_by_name(needed) if needed else default_profile(persona)


class CardFactory:
    """Build cards under one test CSCA; a persona's card is issued once and then put on as many chips as asked for.

    Without a ``seed`` every key is fresh. With one, a card is the same on every run, whatever was built before it: its
    keys, its files, and the nonces and ephemeral keys of its chip.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._issuer = Issuer(self._rng())
        self._issued: dict[tuple[str, ChipProfile], IssuedCard] = {}

    def revocation_list(self, at: datetime | None = None) -> bytes:
        """Return the revocation list of the test CSCA as issued ``at``, now where nothing is said, DER."""
        return self._issuer.revocation_list(at or datetime.now(UTC))

    @property
    def seed(self) -> str | None:
        """Return what the keys come from; None where they are fresh."""
        return self._seed

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """Return the test CSCA certificates, DER."""
        return (self._issuer.country.certificate,)

    @property
    def terminals(self) -> CvPki:
        """Return the PKI of the terminals that cards with Terminal Authentication let read DG3 and DG4."""
        return self._issuer.terminals

    def build(
        self, persona: str, forgeries: tuple[str, ...] = (), faults: tuple[str, ...] = (), chip: str = ""
    ) -> BuiltCard:
        """Build one card, powered off; raise KeyError, naming it, for a name that there is not.

        ``chip`` names a profile; without one the forgery's need or the persona's generation decides.
        """
        holder = load_persona(persona)
        table = [forgery_by_name(name) for name in forgeries]
        profile = profile_by_name(chip) if chip else profile_for(holder, table)
        whose = (holder.name, profile.name)
        forged = forge(self._genuine(holder, profile), self._issuer_of(*whose, *forgeries), forgeries)
        silicon = Chip(fault_table.alter(forged.image(), faults), self._rng("chip", *whose))
        fault_table.tamper(silicon, faults)
        card: EmulatedCard = silicon
        for forgery in table:
            if forgery.tamper is not None:
                intervene(silicon, forgery.tamper(forged, silicon))
            card = forgery.disturb(card) if forgery.disturb else card
        card = fault_table.disturb(card, faults, lambda other: self.build(other).card)
        return BuiltCard(card, holder.card.personal_number, forged.mrz.text)

    def issue(self, persona: str, chip: str = "") -> IssuedCard:
        """Personalise a genuine card, not yet on a chip; raise KeyError for a name that there is not."""
        holder = load_persona(persona)
        return self._genuine(holder, profile_by_name(chip) if chip else default_profile(holder))

    def _genuine(self, persona: Persona, profile: ChipProfile) -> IssuedCard:
        # By the whole profile: a file of one's own may be edited, and may bear the name of another.
        key = (persona.name, profile)
        if key not in self._issued:
            self._issued[key] = self._issuer_of(persona.name, profile.name).issue(persona, profile)
        return self._issued[key]

    def _issuer_of(self, *name: str) -> Issuer:
        """Return the issuer with a source of keys for one card: no card's keys hang on another's."""
        return self._issuer.drawing_from(self._rng(*name))

    def _rng(self, *name: str) -> Rng:
        return system_rng if self._seed is None else seeded_rng("/".join((self._seed, *name)))


@lru_cache(maxsize=4)
def shared_factory(seed: str | None = None) -> CardFactory:
    """Return this process's factory for ``seed``: cards built through it share one CSCA."""
    return CardFactory(seed)


def build_chip(
    persona: str,
    forgeries: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
    chip: str = "",
    seed: str | None = None,
) -> EmulatedCard:
    """Build one card by this process's factory; raise KeyError for a name that there is not."""
    return shared_factory(seed).build(persona, forgeries, faults, chip).card


def anchors(seed: str | None = None) -> tuple[bytes, ...]:
    """Return the CSCA certificates of the cards that ``build_chip`` builds, DER."""
    return shared_factory(seed).anchors
