"""What the registers know, and who is found by what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_cards.personas import CardData, LandHolder, LandParcel, Persona, PopulationData, load_all
from mock_registers.messages import Citizen
from mock_registers.storage import IN_MEMORY, Storage, fold_name


@pytest.fixture
def storage(database_url: str):
    opened = Storage(database_url)
    opened.fill(load_all())
    yield opened
    opened.close()


def _citizen(
    number: str = "099090000001", name: str = "Nguyễn Văn Mẫu", born: str = "1990-01-15", old: str = ""
) -> Citizen:
    return Citizen(personal_number=number, full_name=name, date_of_birth=born, old_number=old)


def _persona(number: str, parcels: tuple[LandParcel, ...] = (), **population: str) -> Persona:
    card = CardData(
        personal_number=number, full_name="Vũ Thử", date_of_birth="1980-05-06", sex="M", issue_date="2022-01-01"
    )
    return Persona(name="x", about="", card=card, population=PopulationData(**population), parcels=parcels)


def _parcel(number: str, name: str, parcel_number: str = "1") -> LandParcel:
    return LandParcel(
        certificate_serial="AA 123456",
        map_sheet="1",
        parcel_number=parcel_number,
        commune="Xã Mẫu",
        address="Thôn Mẫu",
        area_m2="1",
        land_type="ONT",
        land_type_name="Đất ở",
        holders=(LandHolder(full_name=name, number=number),),
        boundary=(),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn Mẫu", "NGUYỄN  VĂN MẪU"),
        ("Lê Thị Hoà", "Lê Thị Hòa"),
        ("H'Mŭt Niê Kčŏr", "H MUT NIE KCOR"),
        ("Đỗ Đình", "DO DINH"),
        ("H’Hen Niê", "H'Hen Niê"),
    ],
)
def test_one_name_written_two_ways_folds_to_one_key(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_a_record_is_found_if_name_or_birth_agrees_with_the_number(storage: Storage) -> None:
    assert storage.find_person(_citizen()) is not None
    assert storage.find_person(_citizen(name="Ai Khác")) is not None
    assert storage.find_person(_citizen(born="1991-02-02")) is not None
    assert storage.find_person(_citizen(born="1991-02-02", name="Ai Khác")) is None
    assert storage.find_person(_citizen(number="099090000009")) is None


def test_dates_agree_as_far_as_both_are_known(database_url: str) -> None:
    storage = Storage(database_url)
    storage.fill([_persona("099080000099", date_of_birth="1980")])
    assert storage.find_person(_citizen("099080000099", "Ai Khác", "1980-05-06")) is not None
    assert storage.find_person(_citizen("099080000099", "Ai Khác", "1981-05-06")) is None
    storage.close()


def test_the_register_holds_what_the_persona_says_otherwise(storage: Storage) -> None:
    record = storage.find_person(_citizen())
    assert record is not None
    assert record.residence == "Số 12, Thôn Đông, Xã Mẫu Lâm, Tỉnh Giả Định"
    assert record.mother == "Trần Thị Cội"


def test_parcels_are_found_by_new_number_and_by_old(storage: Storage) -> None:
    found = storage.find_holdings(_citizen())
    assert sorted(parcel.parcel_number for parcel in found.parcels) == ["345", "88"]
    assert found.old_numbers == ("099123456",)


def test_an_old_number_of_the_request_counts_where_the_register_knows_none(database_url: str) -> None:
    storage = Storage(database_url)
    storage.fill([_persona("099080000099", (_parcel("099777777", "VU THU"),))])
    assert storage.find_holdings(_citizen("099080000099", "Vũ Thử")).parcels == ()
    assert len(storage.find_holdings(_citizen("099080000099", "Vũ Thử", old="099777777")).parcels) == 1
    storage.close()


def test_an_old_number_shared_by_another_name_opens_nothing(storage: Storage) -> None:
    assert storage.find_holdings(_citizen(name="Ai Khác")).parcels == ()


def test_filling_twice_changes_nothing(storage: Storage) -> None:
    storage.fill(load_all())
    assert len(storage.find_holdings(_citizen()).parcels) == 2


@pytest.mark.parametrize("again", [False, True])
def test_of_two_under_one_key_the_last_stays_in_a_new_database_as_in_a_filled_one(
    database_url: str, again: bool
) -> None:
    first = _persona("099080000001", (_parcel("099080000001", "Vũ Thử"), _parcel("099080000001", "Vũ Thử", "2")))
    last = _persona("099080000001", (_parcel("099080000001", "Vũ Thử Hai"),), residence="Thôn Hai")
    storage = Storage(database_url)
    if again:
        storage.fill([first])
        storage.fill([last])
    else:
        storage.fill([first, last])
    found = storage.find_person(_citizen("099080000001", "Vũ Thử", "1980-05-06"))
    assert found is not None
    assert found.residence == "Thôn Hai"
    assert [one.parcel_number for one in storage.find_holdings(_citizen("099080000001", "Vũ Thử")).parcels] == ["2"]
    (parcel,) = storage.find_holdings(_citizen("099080000001", "Vũ Thử Hai")).parcels
    assert [holder.full_name for holder in parcel.holders] == ["Vũ Thử Hai"]
    storage.close()


def test_a_database_keeps_what_was_filled(database_url: str) -> None:
    first = Storage(database_url)
    first.fill(load_all())
    first.close()
    second = Storage(database_url)
    assert second.find_person(_citizen()) is not None
    second.close()


def test_a_database_in_memory_is_there_without_migrations_and_gone_when_closed() -> None:
    first, second = Storage(IN_MEMORY), Storage(IN_MEMORY)
    first.fill(load_all())
    assert first.find_person(_citizen()) is not None
    assert second.find_person(_citizen()) is None
    first.close()
    second.close()


def test_both_databases_give_parcels_in_one_order(database_url: str) -> None:
    storage = Storage(database_url)
    parcels = tuple(_parcel("099777777", "VU THU", number) for number in ("b", "10", "A", "9", "Z 1", "Đ", "Z-1"))
    storage.fill([_persona("099080000099", parcels)])
    found = storage.find_holdings(_citizen("099080000099", "Vũ Thử", old="099777777")).parcels
    assert [parcel.parcel_number for parcel in found] == ["10", "9", "A", "Z 1", "Z-1", "b", "Đ"]
    storage.close()


def test_two_that_fill_at_once_both_succeed(database_url: str) -> None:
    storages = [Storage(database_url), Storage(database_url)]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(storage.fill, load_all()) for storage in storages]:
            done.result(timeout=60)
    assert len(storages[0].find_holdings(_citizen()).parcels) == 2
    for storage in storages:
        storage.close()


def test_of_two_checkpoints_that_continue_the_same_one_is_kept(database_url: str) -> None:
    storages = [Storage(database_url), Storage(database_url)]
    for last in ("", "first"):
        with ThreadPoolExecutor(2) as pool:
            tried = [
                pool.submit(storage.replace_checkpoint, "land", "device", last, note)
                for storage, note in zip(storages, ("one", "other"), strict=True)
            ]
            assert sorted(done.result(timeout=60) for done in tried) == [False, True]
        kept = storages[0].last_checkpoint("land", "device")
        assert kept in ("one", "other")
        assert storages[0].replace_checkpoint("land", "device", kept, "first")
    assert not storages[1].replace_checkpoint("land", "device", "", "again")
    assert not storages[1].replace_checkpoint("land", "another device", "first", "again")
    for storage in storages:
        storage.close()


def test_someone_else_is_another_citizen(storage: Storage) -> None:
    assert storage.someone_else(_citizen()).personal_number != "099090000001"
