"""Forged cards by name, each with the checks it must make fail and nothing else it may.

A forgery is made of a genuine card after it was issued. The names and what they fail are public (``mock-cards list``);
the strings are those of the reader's checks, and a test holds both together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from mock_cards.card import EmulatedCard
from mock_cards.der import set_of
from mock_cards.disturbances import FlippedMac
from mock_cards.issuing import IssuedCard, Issuer, signing_time
from mock_cards.issuing.dg13 import make_dg13
from mock_cards.issuing.face import make_dg2
from mock_cards.issuing.lds import make_com, make_dg11
from mock_cards.issuing.portrait import draw_portrait

__all__ = ["FORGERIES", "Forgery", "forge", "forgery_by_name"]

_DG2 = 0x0102
_SEX_POSITION = 5 + 30 + 7  # behind 61 L 5F1F L, in the second line (ICAO 9303-5 §4.2.2)
_BACKDATED_DAYS = 30

_Make = Callable[[IssuedCard, Issuer], IssuedCard]


@dataclass(frozen=True, slots=True)
class Forgery:
    """Name a forgery: what it is, exactly which checks come out failed, and the decision.

    ``make`` turns a genuine card into the forged one; ``disturb``, where there is one, stands between chip and reader.
    """

    name: str
    about: str
    fails: frozenset[str]
    decision: str
    make: _Make
    disturb: Callable[[EmulatedCard], EmulatedCard] | None = None


def forgery_by_name(name: str) -> Forgery:
    """Return the forgery ``name``; raise KeyError where there is none."""
    for forgery in FORGERIES:
        if forgery.name == name:
            return forgery
    raise KeyError(name)


def forge(card: IssuedCard, issuer: Issuer, names: Iterable[str]) -> IssuedCard:
    """Apply forgeries in the order of the table: what is signed falsely first, then what is changed afterwards."""
    wanted = {forgery_by_name(name).name for name in names}
    for forgery in FORGERIES:
        if forgery.name in wanted:
            card = forgery.make(card, issuer)
    return card


def _same(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card


def _self_made_csca(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    begin = signing_time(card.persona.card).date().replace(day=1)
    return issuer.sign(card, issuer.document_signer(begin, issuer.impostor()))


def _signer_not_yet_valid(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    begin = signing_time(card.persona.card).date() + timedelta(days=_BACKDATED_DAYS)
    return issuer.sign(card, issuer.document_signer(begin))


def _broken_signature(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # The signature's s is the end of the file: its last bit stays a number in range, but not the right one.
    security_object = card.files["EF.SOD"]
    return card.with_files(SOD=security_object[:-1] + bytes((security_object[-1] ^ 1,)))


def _other_sex(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # No check digit covers the sex, so the MRZ stays right in itself.
    dg1 = card.files["DG1"]
    other = b"F" if dg1[_SEX_POSITION : _SEX_POSITION + 1] == b"M" else b"M"
    return card.with_files(DG1=dg1[:_SEX_POSITION] + other + dg1[_SEX_POSITION + 1 :])


def _other_portrait(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    data = card.persona.card
    return card.with_files(DG2=make_dg2(draw_portrait(data, variant=1), data.sex))


def _other_religion(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    data = card.persona.card
    other = "Phật giáo" if data.religion != "Phật giáo" else "Không"
    return card.with_files(DG13=make_dg13(data.model_copy(update={"religion": other})))


def _other_chip_key(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return replace(card, chip_keys=tuple(replace(key, key=issuer.new_chip_key()) for key in card.chip_keys))


def _other_active_key(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return replace(card, active_key=issuer.new_active_key(card.profile))


def _suppressed_dg15(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    files = {name: content for name, content in card.files.items() if name != "DG15"}
    return replace(card, files=files, active_key=None)


def _stripped_pace(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return replace(card.with_files(CardAccess=set_of()), pace=())


def _unsigned_group(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    numbers = (*card.data_groups, 11)
    return card.with_files(DG11=make_dg11("TEST<<UNSIGNED"), COM=make_com(numbers))


def _flipped_mac(card: EmulatedCard) -> EmulatedCard:
    return FlippedMac(card, fid=_DG2)


FORGERIES: tuple[Forgery, ...] = (
    Forgery(
        "csca-self-made",
        "signed under a CSCA that has the name and the key id of the real one, and a key of its own",
        frozenset({"passive.chain"}),
        "stop",
        _self_made_csca,
    ),
    Forgery(
        "ds-not-valid-at-signing",
        "signed by a Document Signer whose certificate begins a month after the signing time",
        frozenset({"passive.chain"}),
        "stop",
        _signer_not_yet_valid,
    ),
    Forgery(
        "sod-signature-broken",
        "one bit of the signature in EF.SOD is another",
        frozenset({"passive.sod-signature"}),
        "stop",
        _broken_signature,
    ),
    Forgery(
        "dg1-sex-changed",
        "only the sex in the MRZ is another; no check digit covers it",
        frozenset({"passive.data-group-hashes", "lds.dg1-dg13-consistency"}),
        "stop",
        _other_sex,
    ),
    Forgery(
        "dg2-changed",
        "another face in DG2",
        frozenset({"passive.data-group-hashes"}),
        "stop",
        _other_portrait,
    ),
    Forgery(
        "dg13-religion-changed",
        "only the religion in DG13 is another",
        frozenset({"passive.data-group-hashes"}),
        "stop",
        _other_religion,
    ),
    Forgery(
        "clone-without-ca-key",
        "every file copied, but not the key of Chip Authentication",
        frozenset({"genuine.chip-authentication"}),
        "stop",
        _other_chip_key,
    ),
    Forgery(
        "clone-without-aa-key",
        "every file copied, but not the key of Active Authentication",
        frozenset({"genuine.active-authentication"}),
        "stop",
        _other_active_key,
    ),
    Forgery(
        "dg15-suppressed",
        "EF.SOD lists DG15, the chip says there is no such file",
        frozenset({"genuine.active-authentication"}),
        "stop",
        _suppressed_dg15,
    ),
    Forgery(
        "pace-stripped",
        "EF.CardAccess offers no PACE though DG14 does, so that the reader falls back to BAC; needs the MRZ",
        frozenset({"access.card-access-authenticity"}),
        "stop",
        _stripped_pace,
    ),
    Forgery(
        "unsigned-data-group",
        "EF.COM lists a DG11 that is readable and that EF.SOD does not know",
        frozenset({"lds.com-sod-consistency"}),
        "stop",
        _unsigned_group,
    ),
    Forgery(
        "sm-mac-flipped",
        "somebody between chip and reader changes a bit of the checksum while DG2 is read",
        frozenset({"access.secure-messaging"}),
        "stop",
        _same,
        _flipped_mac,
    ),
)
