"""Dwellings at the desk: compared with the chip, held against the land register, shown with what must not be missed."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from auth.registers.housing_ports import (
    Dwelling,
    DwellingHoldings,
    DwellingKind,
    Encumbrance,
    EncumbranceKind,
    HousingScheme,
    OwnershipForm,
    Transaction,
    TransactionKind,
)
from auth.registers.ports import DataQuality, Holder, LandHoldings
from desk.comparison import compare
from desk.crossings import crossings
from desk.kinds.housing import KIND as HOUSING_KIND
from desk.kinds.housing_words import ENCUMBRANCES, FORMS, KINDS, SCHEMES, TRANSACTIONS
from desk.kinds.land import KIND as LAND_KIND
from desk.language import Language
from desk.outcomes import LookupOutcome
from desk.register_views import register_views, section_views
from desk.section_view import Building, ItemView, said
from desk.texts import Texts
from desk.view import FieldId, Match, RegisterState, SourceValue
from reader.lds import CalendarDate

Make = Any
ANSWERED = RegisterState.ANSWERED
MORTGAGE = Encumbrance(EncumbranceKind.MORTGAGE, "Ngân hàng {Mẫu}", CalendarDate(2025, 6, 18), "TC-01")


def dwelling(**changes: Any) -> Dwelling:
    plain = Dwelling(
        certificate_serial="AB 12345678",
        kind=DwellingKind.APARTMENT,
        scheme=HousingScheme.SOCIAL,
        project="Khu nhà ở Mẫu",
        block="A2",
        floor=12,
        floors=25,
        number="A2-12.08",
        address="Số 12, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định",
        commune="Xã Mẫu Lâm, Tỉnh Giả Định",
        commune_before="Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định",
        floor_area_m2=Decimal("1068.4"),
        ownership_form=OwnershipForm.SOLE,
        ownership_term=None,
        owners=(Holder("Nguyễn Văn Mẫu", "099090000001", CalendarDate(1990, 1, 15)),),
        encumbrances=(),
        transactions=(Transaction(TransactionKind.PURCHASE, CalendarDate(2024, 6, 3), "HĐ 1"),),
        quality=DataQuality.VERIFIED,
    )
    return dataclasses.replace(plain, **changes)


def outcome(*dwellings: Dwelling) -> LookupOutcome[DwellingHoldings]:
    return LookupOutcome(HOUSING_KIND, ANSWERED, DwellingHoldings(dwellings))


def cells(identity: Any, *dwellings: Dwelling) -> dict[FieldId, SourceValue]:
    return {row.field: row.of("housing") for row in compare(identity, [outcome(*dwellings)])}


def item(*dwellings: Dwelling) -> ItemView:
    (section,) = section_views([outcome(*dwellings)])
    return section.items[0]


def test_an_owner_stands_to_the_chip_as_a_holder_of_land_does(identity: Make) -> None:
    told = cells(identity(), dwelling(owners=(Holder("NGUYEN VAN MAU", "099123456"),)))
    assert (told[FieldId.FULL_NAME].match, told[FieldId.FULL_NAME].reason) == (
        Match.SAME_WRITTEN_OTHERWISE,
        "without-diacritics",
    )
    assert told[FieldId.PERSONAL_NUMBER].reason == "old-number"
    stranger = cells(identity(), dwelling(owners=(Holder("Ai Khác", "099090000009"),)))
    assert stranger[FieldId.FULL_NAME].reason == "no-such-holder"


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("Số 12, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định", Match.RENAMED),
        ("Số 12, Thôn Đông, Xã Mẫu Sơn, Huyện Thử Nghiệm, Tỉnh Giả Định", Match.SAME),
        ("Số 99, Đường Khác, Phường Giả Sơn, Tỉnh Giả Định", Match.NOT_ASKED),
    ],
)
def test_a_residence_is_told_where_the_citizen_lives_in_what_they_own_and_nowhere_else(
    identity: Make, address: str, match: Match
) -> None:
    assert cells(identity(), dwelling(address=address))[FieldId.RESIDENCE].match is match


def test_an_owner_s_own_address_is_compared_where_the_register_writes_one(identity: Make) -> None:
    owner = Holder("Nguyễn Văn Mẫu", "099090000001", None, "Số 1, Phố Khác, Phường Giả Sơn, Tỉnh Giả Định")
    elsewhere = dwelling(address="Số 99, Đường Khác", owners=(owner,))
    assert cells(identity(), elsewhere)[FieldId.RESIDENCE].match is Match.DIFFERENT


def test_no_dwelling_has_no_say(identity: Make) -> None:
    assert {held.match for held in cells(identity()).values()} == {Match.NOT_ASKED}


@pytest.mark.parametrize("language", list(Language))
def test_an_encumbrance_is_said_in_the_entry_and_in_the_register_s_line(language: Language) -> None:
    shown = item(dwelling(encumbrances=(MORTGAGE,)))
    (alert,) = shown.alerts
    assert said(alert.title, language) == ENCUMBRANCES[EncumbranceKind.MORTGAGE].text(language)
    text = said(alert.text, language)
    assert all(word in text for word in ("Ngân hàng {Mẫu}", "18/06/2025", "TC-01")), "braces of a register stay braces"
    (view,) = register_views([outcome(dwelling(encumbrances=(MORTGAGE, MORTGAGE)))])
    ((_, line),) = Texts(language).register_lines([view])
    assert f"{said(alert.title, language)} × 2" in line


def test_a_dwelling_is_drawn_where_it_lies_and_locked_where_others_have_a_right_in_it() -> None:
    assert item(dwelling()).picture == Building("A2-12.08", 25, 12, shared=True)
    house = dwelling(kind=DwellingKind.HOUSE, floor=0, floors=0, number="", encumbrances=(MORTGAGE,))
    assert item(house).picture == Building("", 1, 0, locked=True)


def test_what_is_not_told_is_not_said_and_a_term_is_said_either_way() -> None:
    shown = item(dwelling(project="", block="", floor=0, floors=0, number="", transactions=()))
    details = {said(head, Language.ENGLISH): said(value, Language.ENGLISH) for head, value in shown.details}
    assert set(details) == {"Address", "Former commune", "Scheme", "Data quality"}
    assert said(shown.cells[2], Language.ENGLISH) == "sole, without a term"
    until = item(dwelling(ownership_term=CalendarDate(2074, 5, 22)))
    assert said(until.cells[2], Language.VIETNAMESE) == "riêng, đến 22/05/2074"
    assert said(until.cells[1], Language.VIETNAMESE) == "1.068,4 m²"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DwellingKind, KINDS),
        (HousingScheme, SCHEMES),
        (OwnershipForm, FORMS),
        (EncumbranceKind, ENCUMBRANCES),
        (TransactionKind, TRANSACTIONS),
    ],
)
def test_every_code_of_the_register_has_words(kind: Any, words: Any) -> None:
    assert set(words) == set(kind)


@pytest.mark.parametrize(
    ("owners", "same"),
    [
        (("NGUYEN VAN MAU", "Lê Thị Thử"), True),
        (("Nguyễn Văn Mẫu",), False),
        (("Nguyễn Văn Mẫu", "Ai Khác"), False),
    ],
)
def test_land_and_house_on_one_certificate_must_name_the_same_people(
    parcel: Make, owners: tuple[str, ...], same: bool
) -> None:
    held_by = (Holder("Nguyễn Văn Mẫu", "099090000001"), Holder("Lê Thị Thử", "099192000002"))
    parcels = LandHoldings((dataclasses.replace(parcel(), certificate_serial="ab12345678", holders=held_by),))
    land = LookupOutcome(LAND_KIND, ANSWERED, parcels)
    told = (land, outcome(dwelling(owners=tuple(Holder(name, "099090000001") for name in owners))))
    (crossing,) = crossings(told)
    assert (crossing.one.name, crossing.other.name, crossing.same_people) == ("land", "housing", same)
    for section, other in zip(section_views(told), ("Housing", "Land"), strict=True):
        (shown,) = section.items
        same_paper = [said(value, Language.ENGLISH) for head, value in shown.details if head.en.startswith("Same cert")]
        assert same_paper == ([other] if same else [])
        assert [alert.title.en for alert in shown.alerts] == ([] if same else [f"other people than in {other}"])
    assert [bool(view.alerts) for view in register_views(told)] == [not same, not same]


def test_other_certificates_do_not_cross(parcel: Make) -> None:
    land = LookupOutcome(LAND_KIND, ANSWERED, LandHoldings((parcel(),)))
    assert crossings((land, outcome(dwelling(certificate_serial="ZZ 99999999")))) == ()
    assert crossings((land, LookupOutcome(HOUSING_KIND))) == ()


def test_only_a_certificate_that_it_holds_is_worth_telling_of_the_housing_register() -> None:
    views = [register_views([outcome(dwelling())], serial)[0] for serial in ("AB12345678", "CD 00000000")]
    assert [(view.certificate, view.certificate_held) for view in views] == [("AB12345678", True), ("", False)]
