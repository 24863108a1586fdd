"""The test issuer: a country of its own that makes whole cards of personas."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import lru_cache

from mock_cards.cv_certificate import TrustPoint, parse_cv_certificate
from mock_cards.image import ActiveKey, CardImage, ChipKey, ChipProfile, PaceOption, Passwords, image_from_files
from mock_cards.issuing.biometrics import make_dg3_with_fingers, make_dg4_with_eyes
from mock_cards.issuing.card_security import make_card_security
from mock_cards.issuing.certificates import (
    SIGNER_ALGORITHM,
    Alter,
    CountrySigner,
    DocumentSigner,
    KeyAlgorithm,
    Validity,
    as_it_is,
    make_country_signer,
    make_document_signer,
)
from mock_cards.issuing.cv_pki import CvPki, CvPkiOrder, make_cv_pki
from mock_cards.issuing.dg13 import make_dg13
from mock_cards.issuing.face import make_dg2
from mock_cards.issuing.lds import make_com, make_dg1, make_dg3
from mock_cards.issuing.mrz import Mrz, mrz_of
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.issuing.revocation import Revoked, crl_template
from mock_cards.issuing.security_infos import (
    active_authentication_info,
    chip_authentication_infos,
    make_card_access,
    make_dg14,
    make_dg15,
    pace_info,
    terminal_authentication_info,
)
from mock_cards.issuing.security_object import make_security_object
from mock_cards.issuing.signed_data import AlterSignedData
from mock_cards.keys import DhKey, EcKey, new_dh_key, new_ec_key, new_rsa_key
from mock_cards.personas import CardData, Persona
from mock_cards.profile import ActiveKeySpec, ChipKeySpec
from mock_cards.protocols import Domain, chip_authentication_oid
from reader.crypto import Curve, Rng, curve_by_name

__all__ = ["REVOKED_SERIAL", "IssuedCard", "Issuer", "signing_time"]

REVOKED_SERIAL = 0x2D0C5E
"""The serial number that stands on every revocation list of a test issuer: who signs under it is found out."""

_USUAL_CURVE = curve_by_name("brainpoolP256r1")
_CSCA_BEGIN = date(2020, 12, 1)
_CSCA_YEARS, _CSCA_KEY_DAYS = 35, 5 * 365
_SIGNER_YEARS, _SIGNER_KEY_DAYS = 25, 92
_SEED_BYTES = 16
_CRL_NUMBER = 1


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
    trust_points: tuple[TrustPoint, ...] = ()

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
        profile = self.profile
        passwords = Passwords(
            self.mrz.information,
            self.persona.card.personal_number[-6:],
            profile.pin,
            profile.puk,
            profile.can_tries,
            profile.pin_tries,
            profile.puk_tries,
        )
        return image_from_files(
            self.files,
            profile,
            passwords,
            pace=self.pace,
            chip_keys=self.chip_keys,
            active_key=self.active_key,
            trust_points=self.trust_points,
            personalised=date.fromisoformat(self.persona.card.issue_date),
        )

    def security_infos(self, *, numbered: bool = False) -> tuple[bytes, ...]:
        """Return what the chip says of itself in signed files, EF.CardAccess's part first (ICAO 9303-11 §9.2.11).

        EF.CardSecurity has its curves ``numbered``, as the worked example of chip-authentication mapping has them
        (appendix I) and readers expect; DG14 has them spelt out, as those of Chip Authentication do.
        """
        infos = [pace_info(option) for option in self.pace]
        for chip_key in self.chip_keys:
            infos += chip_authentication_infos(chip_key, numbered=numbered)
        if self.profile.terminal_authentication:
            infos.append(terminal_authentication_info())
        if isinstance(self.active_key, EcKey):
            infos.append(active_authentication_info(self.profile.active_key or ActiveKeySpec(self.active_key.curve)))
        return tuple(infos)


def signing_time(card: CardData) -> datetime:
    """Return when the documents of ``card`` are signed: on its day of issue, in the morning."""
    return datetime.combine(date.fromisoformat(card.issue_date), time(2, 30), UTC)


@lru_cache(maxsize=8)
def _terminals_of(seed: str, today: date) -> CvPki:
    return make_cv_pki(CvPkiOrder(seed=seed, at=today))


class Issuer:
    """Issue test documents under one CSCA; the same ``rng`` gives the same keys and certificates."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._country_validity = Validity.of_years(_CSCA_BEGIN, _CSCA_YEARS, _CSCA_KEY_DAYS)
        self.country = make_country_signer(rng, self._country_validity)
        self._terminals_seed = rng(_SEED_BYTES).hex()

    @property
    def terminals(self) -> CvPki:
        """Return the PKI of the terminals that cards with Terminal Authentication trust; its dates are of today."""
        return _terminals_of(self._terminals_seed, datetime.now(UTC).date())

    def revocation_list(self, at: datetime) -> bytes:
        """Return the authority's revocation list as issued ``at``: one Document Signer is on it."""
        revoked = Revoked(REVOKED_SERIAL, at)
        return crl_template(self.country, at, _CRL_NUMBER, revoked).issue(self.country.key)

    def drawing_from(self, rng: Rng) -> Issuer:
        """Return this issuer, the same country with the same CSCA, with another source of further keys."""
        other = copy(self)
        other._rng = rng
        return other

    def impostor(self) -> CountrySigner:
        """Make another CSCA with the same name and key id, and a key of its own."""
        return make_country_signer(self._rng, self._country_validity, key_id=self.country.key_id)

    def document_signer(
        self,
        begin: date,
        country: CountrySigner | None = None,
        alter: Alter = as_it_is,
        algorithm: KeyAlgorithm = SIGNER_ALGORITHM,
    ) -> DocumentSigner:
        """Make a Document Signer valid from ``begin``, its key in use for three months; a defect ``alter``s it."""
        validity = Validity.of_years(begin, _SIGNER_YEARS, _SIGNER_KEY_DAYS)
        return make_document_signer(self._rng, country or self.country, validity, algorithm=algorithm, alter=alter)

    def new_chip_key(self) -> EcKey:
        """Make a key for Chip Authentication on the usual curve."""
        return new_ec_key(_USUAL_CURVE, self._rng)

    def new_key_in(self, domain: Domain) -> EcKey | DhKey:
        """Make a key for Chip Authentication in the group that a chip wants."""
        return new_ec_key(domain, self._rng) if isinstance(domain, Curve) else new_dh_key(domain, self._rng)

    def new_active_key(self, profile: ChipProfile) -> ActiveKey | None:
        """Make a key for Active Authentication of the kind the chip has, if it has it."""
        if profile.active_key is None:
            return None
        kind = profile.active_key.kind
        return new_rsa_key(kind, self._rng) if isinstance(kind, int) else new_ec_key(kind, self._rng)

    def issue(self, persona: Persona, profile: ChipProfile) -> IssuedCard:
        """Personalise a card of ``persona`` for a chip of ``profile``."""
        chip_keys = tuple(self._chip_key(spec) for spec in profile.chip_keys)
        active_key = self.new_active_key(profile)
        trusted = self._trust_points() if profile.terminal_authentication else ()
        bare = IssuedCard(persona, profile, mrz_of(persona.card), {}, profile.pace, chip_keys, active_key, trusted)
        return self.sign(replace(bare, files=_files(bare)))

    def _trust_points(self) -> tuple[TrustPoint, ...]:
        return (parse_cv_certificate(self.terminals["cvca.cvcert"]).trust_point(),)

    def _chip_key(self, spec: ChipKeySpec) -> ChipKey:
        oid = chip_authentication_oid(spec.suite, spec.domain)
        return ChipKey(oid, spec.suite, self.new_key_in(spec.domain), spec.key_id, spec.with_info, spec.x942)

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
        card = card.with_files(SOD=make_security_object(card.data_groups, by, signed_at, alter, content))
        if not card.profile.card_security:
            return card
        return card.with_files(CardSecurity=make_card_security(card.security_infos(numbered=True), by, signed_at))


def _files(unsigned: IssuedCard) -> dict[str, bytes]:
    """Make every file that is not signed itself."""
    card, profile = unsigned.persona.card, unsigned.profile
    number = card.personal_number
    files = {
        "DG1": make_dg1(unsigned.mrz),
        **({"DG2": make_dg2(draw_portrait(card), card.sex)} if card.portrait != "none" else {}),
        "DG3": make_dg3_with_fingers(number) if profile.fingerprints else make_dg3(number),
    }
    if profile.irises:
        files["DG4"] = make_dg4_with_eyes(number)
    files["DG13"] = make_dg13(card)
    infos = unsigned.security_infos()
    if infos:
        files["DG14"] = make_dg14(*infos)
    if unsigned.active_key is not None:
        files["DG15"] = make_dg15(unsigned.active_key)
    files["EF.COM"] = make_com(int(name[2:]) for name in files)
    if unsigned.pace:
        files["EF.CardAccess"] = make_card_access(*(pace_info(option) for option in unsigned.pace))
    return files
