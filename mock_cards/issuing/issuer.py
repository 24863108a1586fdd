"""The test issuer: a country of its own that makes whole cards of personas."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from mock_cards.image import ActiveKey, CardImage, ChipKey, ChipProfile, PaceOption, Passwords, image_from_files
from mock_cards.issuing.certificates import (
    Alter,
    CountrySigner,
    DocumentSigner,
    Validity,
    as_it_is,
    make_country_signer,
    make_document_signer,
)
from mock_cards.issuing.dg13 import make_dg13
from mock_cards.issuing.face import make_dg2
from mock_cards.issuing.lds import make_com, make_dg1, make_dg3
from mock_cards.issuing.mrz import Mrz, mrz_of
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.issuing.security_infos import (
    CHIP_AUTHENTICATION_OID,
    PACE_ECDH_GM_OID,
    active_authentication_info,
    chip_authentication_infos,
    make_card_access,
    make_dg14,
    make_dg15,
    pace_info,
)
from mock_cards.issuing.security_object import make_security_object
from mock_cards.issuing.signed_data import AlterSignedData
from mock_cards.keys import EcKey, new_ec_key, new_rsa_key
from mock_cards.personas import CardData, Persona
from reader.crypto import CipherSuite, Rng, curve_by_name

__all__ = ["IssuedCard", "Issuer", "signing_time"]

_SUITE = CipherSuite.AES_128
_CURVE = curve_by_name("brainpoolP256r1")
_RSA_BITS = 2048
_CSCA_BEGIN = date(2020, 12, 1)
_CSCA_YEARS, _CSCA_KEY_DAYS = 35, 5 * 365
_SIGNER_YEARS, _SIGNER_KEY_DAYS = 25, 92
_GENERATION_WITH_KEY_ID = 2024


@dataclass(frozen=True, slots=True, repr=False)
class IssuedCard:
    """Hold a personalised card before it is put on a chip: what was signed, the other files, and the secrets.

    ``files`` are by name ("DG1", "EF.SOD"); a forgery is a card with some of these replaced.
    """

    persona: Persona
    profile: ChipProfile
    mrz: Mrz
    files: Mapping[str, bytes]
    pace: tuple[PaceOption, ...]
    chip_keys: tuple[ChipKey, ...]
    active_key: ActiveKey | None

    @property
    def data_groups(self) -> dict[int, bytes]:
        """Return the data groups by number."""
        return {int(name[2:]): content for name, content in self.files.items() if name.startswith("DG")}

    def with_files(self, **changes: bytes) -> IssuedCard:
        """Return the card with files replaced; a keyword names a file without "EF."."""
        named = {name if name.startswith("DG") else f"EF.{name}": content for name, content in changes.items()}
        return replace(self, files={**self.files, **named})

    def image(self) -> CardImage:
        """Put the card on a chip."""
        passwords = Passwords(self.mrz.information, self.persona.card.personal_number[-6:])
        return image_from_files(
            self.files,
            self.profile,
            passwords,
            pace=self.pace,
            chip_keys=self.chip_keys,
            active_key=self.active_key,
        )


def signing_time(card: CardData) -> datetime:
    """Return when the documents of ``card`` are signed: on its day of issue, in the morning."""
    return datetime.combine(date.fromisoformat(card.issue_date), time(2, 30), UTC)


class Issuer:
    """Issue test documents under one CSCA; the same ``rng`` gives the same keys and certificates."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._country_validity = Validity.of_years(_CSCA_BEGIN, _CSCA_YEARS, _CSCA_KEY_DAYS)
        self.country = make_country_signer(rng, self._country_validity)

    def drawing_from(self, rng: Rng) -> Issuer:
        """Return this issuer, the same country with the same CSCA, with another source of further keys."""
        other = copy(self)
        other._rng = rng
        return other

    def impostor(self) -> CountrySigner:
        """Make another CSCA with the same name and key id, and a key of its own."""
        return make_country_signer(self._rng, self._country_validity, key_id=self.country.key_id)

    def document_signer(
        self, begin: date, country: CountrySigner | None = None, alter: Alter = as_it_is
    ) -> DocumentSigner:
        """Make a Document Signer valid from ``begin``, its key in use for three months; a defect ``alter``s it."""
        validity = Validity.of_years(begin, _SIGNER_YEARS, _SIGNER_KEY_DAYS)
        return make_document_signer(self._rng, country or self.country, validity, alter=alter)

    def new_chip_key(self) -> EcKey:
        """Make a key for Chip Authentication."""
        return new_ec_key(_CURVE, self._rng)

    def new_active_key(self, profile: ChipProfile) -> ActiveKey:
        """Make a key for Active Authentication of the kind the chip has."""
        return new_rsa_key(_RSA_BITS, self._rng) if profile.active_key == "rsa" else new_ec_key(_CURVE, self._rng)

    def issue(self, persona: Persona, profile: ChipProfile) -> IssuedCard:
        """Personalise a card of ``persona`` for a chip of ``profile``."""
        card = persona.card
        mrz = mrz_of(card)
        chip_key = ChipKey(
            CHIP_AUTHENTICATION_OID[_SUITE],
            _SUITE,
            self.new_chip_key(),
            1 if card.generation >= _GENERATION_WITH_KEY_ID else None,
        )
        active_key = self.new_active_key(profile)
        pace = (PaceOption(PACE_ECDH_GM_OID[_SUITE], _SUITE, _CURVE),) if profile.pace else ()
        files = _files(card, mrz, pace, chip_key, active_key)
        unsigned = IssuedCard(persona, profile, mrz, files, pace, (chip_key,), active_key)
        return self.sign(unsigned)

    def sign(
        self,
        card: IssuedCard,
        signer: DocumentSigner | None = None,
        alter: AlterSignedData | None = None,
        content: bytes | None = None,
    ) -> IssuedCard:
        """Sign the data groups of ``card`` anew, by the signer of its month where none is given.

        A defect ``alter``s the signed data, or brings another list as its ``content``.
        """
        signed_at = signing_time(card.persona.card)
        by = signer or self.document_signer(signed_at.date().replace(day=1))
        return card.with_files(SOD=make_security_object(card.data_groups, by, signed_at, alter, content))


def _files(
    card: CardData, mrz: Mrz, pace: tuple[PaceOption, ...], chip_key: ChipKey, active_key: ActiveKey
) -> dict[str, bytes]:
    """Make every file but EF.SOD."""
    pace_infos = tuple(pace_info(option.suite, option.curve) for option in pace)
    chip_infos = chip_authentication_infos(chip_key.suite, chip_key.key, chip_key.key_id)
    active_infos = (active_authentication_info(),) if isinstance(active_key, EcKey) else ()
    files = {
        "DG1": make_dg1(mrz),
        "DG2": make_dg2(draw_portrait(card), card.sex),
        "DG3": make_dg3(card.personal_number),
        "DG13": make_dg13(card),
        "DG14": make_dg14(*pace_infos, *chip_infos, *active_infos),
        "DG15": make_dg15(active_key),
    }
    files["EF.COM"] = make_com(int(name[2:]) for name in files)
    if pace_infos:
        files["EF.CardAccess"] = make_card_access(*pace_infos)
    return files
