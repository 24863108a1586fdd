"""What the card says is not what was issued, or was issued wrongly: data groups, EF.COM, what is hidden or added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from mock_cards import der
from mock_cards.forgeries.forgery import ATTENTION, PROCEED, STOP, Forgery, Make, members, signed_anew, with_portrait
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.dg13 import make_dg13
from mock_cards.issuing.face import make_dg2
from mock_cards.issuing.lds import make_com, make_dg1, make_dg11
from mock_cards.issuing.mrz import mrz_of
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.issuing.security_infos import chip_authentication_infos, make_dg14, pace_info
from mock_cards.keys import EcKey
from mock_cards.personas import CardData
from reader.iso7816 import encode, parse

__all__ = ["CONTENT", "ISSUED_WRONGLY"]

_HASHES, _GROUPS, _LISTS = "passive.data-group-hashes", "lds.dg1-dg13-consistency", "lds.com-sod-consistency"
_DIGITS, _STRUCTURE, _KEY = "lds.mrz-check-digits", "lds.structure", "lds.key-matches-chip"
_CHIP, _ACTIVE = "genuine.chip-authentication", "genuine.active-authentication"
_SEX_POSITION = 5 + 30 + 7  # behind 61 L 5F1F L, in the second line (ICAO 9303-5 §4.2.2)
_LAST_NAMES = {"M": "Văn Khác", "F": "Thị Khác"}

# Where the check digits stand in the three lines of thirty, one after the other (ICAO 9303-5 §4.2.2).
_CHECK_DIGITS: Mapping[str, int] = {"number": 14, "birth": 36, "expiry": 44, "composite": 59}


def _other_sex(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # No check digit covers the sex, so the MRZ stays right in itself.
    dg1 = card.files["DG1"]
    other = b"F" if dg1[_SEX_POSITION : _SEX_POSITION + 1] == b"M" else b"M"
    return card.with_files(DG1=dg1[:_SEX_POSITION] + other + dg1[_SEX_POSITION + 1 :])


def _other_portrait(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    data = with_portrait(card, issuer).persona.card
    return card.with_files(DG2=make_dg2(draw_portrait(data, variant=1), data.sex))


def _other_religion(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    data = card.persona.card
    other = "Phật giáo" if data.religion != "Phật giáo" else "Không"
    return card.with_files(DG13=make_dg13(data.model_copy(update={"religion": other})))


def _info_added_to_dg14(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # An info of an arc for examples (RFC 5612): no reader knows it, and none may pass it over in the digest.
    unknown = der.sequence(der.object_identifier("1.3.6.1.4.1.32473.1"), der.integer(1))
    return card.with_files(DG14=encode(0x6E, der.set_of(*members(parse(card.files["DG14"]).value), unknown)))


def _encoded_otherwise(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    """Write the length of DG13 in more bytes than it needs: to a parser the same, to a hash another file."""
    dg13 = card.files["DG13"]
    value = parse(dg13).value
    return card.with_files(DG13=b"\x6d\x83" + len(value).to_bytes(3, "big") + value)


def _other_key_in_dg15(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    # The last bit of an RSA exponent's or a point's encoding: the key is another, and so are its signatures.
    dg15 = card.files["DG15"]
    place = len(dg15) - 8
    return card.with_files(DG15=dg15[:place] + bytes((dg15[place] ^ 1,)) + dg15[place + 1 :])


def _without(*names: str) -> Make:
    """Hide files: EF.SOD lists them, the chip says there are none."""

    def make(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
        files = {name: content for name, content in card.files.items() if name not in names}
        active_key = None if "DG15" in names else card.active_key
        return replace(card, files=files, active_key=active_key)

    return make


def _exchanged(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(DG1=card.files["DG13"], DG13=card.files["DG1"])


def _unsigned_group(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(DG11=make_dg11("TEST<<UNSIGNED"), COM=make_com((*card.data_groups, 11)))


def _claimed_group(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(COM=make_com((*card.data_groups, 12)))


def _omitted_group(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(COM=make_com(number for number in card.data_groups if number != 13))


def _newer_lds(card: IssuedCard, _issuer: Issuer) -> IssuedCard:
    return card.with_files(COM=card.files["EF.COM"].replace(b"0107", b"0108"))


def _issued_as(card: IssuedCard, issuer: Issuer, *, printed: bool, **changes: str) -> IssuedCard:
    """Have the issuer sign DG1 and DG13 of somebody whose data differ, and print them on the card, or not."""
    data = card.persona.card.model_copy(update=changes)
    mrz = mrz_of(data)
    signed = signed_anew(card, issuer, DG1=make_dg1(mrz), DG13=make_dg13(data))
    return replace(signed, mrz=mrz) if printed else signed


def _dg13_of(change: str) -> Make:
    """Have the issuer sign a DG13 that says otherwise than DG1."""

    def make(card: IssuedCard, issuer: Issuer) -> IssuedCard:
        data = card.persona.card
        return signed_anew(card, issuer, DG13=make_dg13(data.model_copy(update={change: _otherwise(data, change)})))

    return make


def _otherwise(data: CardData, what: str) -> str:
    if what == "full_name":
        return f"{data.full_name.split()[0]} {_LAST_NAMES[data.sex]}"
    if what == "personal_number":
        return data.personal_number[:-1] + str((int(data.personal_number[-1]) + 1) % 10)
    return (date.fromisoformat(data.date_of_birth) + timedelta(days=1)).isoformat()


def _number_of_another(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    other = _otherwise(card.persona.card, "personal_number")
    return _issued_as(card, issuer, printed=False, personal_number=other)


def _wrong_digit(which: str) -> Make:
    """Have the issuer sign a DG1 with one check digit wrong; the composite is made to fit the other three."""

    def make(card: IssuedCard, issuer: Issuer) -> IssuedCard:
        place = 5 + _CHECK_DIGITS[which]
        dg1 = card.files["DG1"]
        digit = str((int(dg1[place : place + 1]) + 1) % 10).encode()
        return signed_anew(card, issuer, DG1=dg1[:place] + digit + dg1[place + 1 :])

    return make


def _without_dg14(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Have the issuer leave DG14 out: nothing signed says what EF.CardAccess should offer."""
    files = {name: content for name, content in card.files.items() if name != "DG14"}
    bare = replace(card, files=files, chip_keys=())
    return issuer.sign(bare.with_files(COM=make_com(bare.data_groups)))


def _unordered_dg14(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    infos = members(parse(card.files["DG14"]).value)
    return signed_anew(card, issuer, DG14=encode(0x6E, der.set_unsorted(*sorted(infos, reverse=True))))


def _chip_key_off_the_curve(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    """Have the issuer sign a DG14 whose key for Chip Authentication is no point of its curve."""
    (chip_key,) = card.chip_keys
    key = chip_key.key
    if not isinstance(key, EcKey):
        raise ValueError("a key on an elliptic curve is needed")
    beside = replace(key, point=replace(key.point, y=(key.point.y + 1) % key.curve.p))
    infos = (*(pace_info(option) for option in card.pace), *chip_authentication_infos(replace(chip_key, key=beside)))
    return signed_anew(card, issuer, DG14=make_dg14(*infos))


def _of_another_state(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    dg1 = card.files["DG1"]
    return signed_anew(card, issuer, DG1=dg1[:7] + b"LAO" + dg1[10:])


def _born_next_year(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    born = date.today() + timedelta(days=400)  # noqa: DTZ011  # a day, wherever it is
    return _issued_as(card, issuer, printed=True, date_of_birth=born.isoformat())


def _expired(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return _issued_as(card, issuer, printed=True, expiry="2024-01-01")


def _forgery(name: str, about: str, make: Make, *fails: str, decision: str = STOP) -> Forgery:
    return Forgery(name, about, frozenset(fails), decision, make)


_CHANGED = (
    _forgery(
        "dg1-sex-changed",
        "only the sex in the MRZ is another; no check digit covers it (PA-01)",
        _other_sex,
        _HASHES,
        _GROUPS,
    ),
    _forgery("dg2-changed", "another face in DG2 (PA-01)", _other_portrait, _HASHES),
    _forgery("dg13-religion-changed", "only the religion in DG13 is another (PA-01)", _other_religion, _HASHES),
    _forgery("dg14-changed", "DG14 holds one more SecurityInfo than was signed (PA-01)", _info_added_to_dg14, _HASHES),
    _forgery("dg15-changed", "the key in DG15 is another (PA-01)", _other_key_in_dg15, _HASHES, _ACTIVE),
    _forgery("dg13-encoded-otherwise", "DG13 says the same in other bytes (LC-09)", _encoded_otherwise, _HASHES),
    _forgery("dg1-dg13-exchanged", "DG1 and DG13 stand in each other's place (LC-08)", _exchanged, _HASHES, _STRUCTURE),
)

_HIDDEN = (
    _forgery(
        "dg1-suppressed", "EF.SOD lists DG1, the chip says there is no such file", _without("DG1"), decision=ATTENTION
    ),
    _forgery(
        "dg2-suppressed", "EF.SOD lists DG2, the chip says there is no such file", _without("DG2"), decision=ATTENTION
    ),
    _forgery(
        "dg13-suppressed",
        "EF.SOD lists DG13, the chip says there is no such file",
        _without("DG13"),
        decision=ATTENTION,
    ),
    _forgery(
        "dg14-suppressed", "EF.SOD lists DG14, the chip says there is no such file (LC-04)", _without("DG14"), _CHIP
    ),
    _forgery(
        "dg15-suppressed", "EF.SOD lists DG15, the chip says there is no such file (LC-04)", _without("DG15"), _ACTIVE
    ),
    _forgery("sod-suppressed", "the chip says there is no EF.SOD", _without("EF.SOD"), "passive.sod-signature"),
    _forgery("com-suppressed", "the chip says there is no EF.COM", _without("EF.COM"), decision=ATTENTION),
)

_LISTED = (
    _forgery(
        "unsigned-data-group",
        "EF.COM lists a DG11 that is readable and that EF.SOD does not know (LC-01)",
        _unsigned_group,
        _LISTS,
    ),
    _forgery(
        "com-claims-group", "EF.COM lists a DG12 that nobody signed and nobody can read (LC-02)", _claimed_group, _LISTS
    ),
    _forgery(
        "com-omits-group", "EF.COM leaves out DG13, which EF.SOD lists (LC-03)", _omitted_group, decision=ATTENTION
    ),
    _forgery(
        "com-of-later-lds",
        "EF.COM says LDS 1.8, EF.SOD has the list of an earlier one (LC-07)",
        _newer_lds,
        decision=ATTENTION,
    ),
)

ISSUED_WRONGLY: tuple[Forgery, ...] = (
    _forgery(
        "dg13-name-differs",
        "the issuer signed another name in DG13 than in DG1 (LC-12)",
        _dg13_of("full_name"),
        _GROUPS,
    ),
    _forgery(
        "dg13-birth-differs",
        "the issuer signed another birth in DG13 than in DG1 (LC-12)",
        _dg13_of("date_of_birth"),
        _GROUPS,
    ),
    _forgery(
        "dg13-number-differs",
        "the issuer signed another number in DG13 than in DG1 (C10)",
        _dg13_of("personal_number"),
        _GROUPS,
        _KEY,
    ),
    _forgery(
        "number-of-another", "the chip holds another number than is printed (LC-11, C10)", _number_of_another, _KEY
    ),
    *(
        _forgery(
            f"mrz-{which}-digit-wrong",
            f"the issuer signed an MRZ whose check digit of {which} is wrong (LC-13)",
            _wrong_digit(which),
            _DIGITS,
        )
        for which in _CHECK_DIGITS
    ),
    _forgery(
        "state-differs",
        "the MRZ names another State than the Document Signer (LC-14)",
        _of_another_state,
        "lds.issuing-state",
        _KEY,
    ),
    _forgery(
        "dg14-not-issued",
        "there is no DG14, so nothing signed says what EF.CardAccess should offer (AC-08)",
        _without_dg14,
        decision=ATTENTION,
    ),
    _forgery(
        "dg14-unordered",
        "DG14 is signed with its members in another order than DER has, which does no harm (LC-10)",
        _unordered_dg14,
        decision=PROCEED,
    ),
    _forgery(
        "ca-key-off-curve",
        "the issuer signed a key for Chip Authentication that is no point of its curve (C5)",
        _chip_key_off_the_curve,
        _CHIP,
    ),
    _forgery("expired", "the card has run out (LC-15)", _expired, "document.expiry"),
    _forgery("born-in-future", "the holder is born next year (LC-15)", _born_next_year, "document.expiry", _GROUPS),
)

CONTENT: tuple[Forgery, ...] = (*_CHANGED, *_HIDDEN, *_LISTED)
