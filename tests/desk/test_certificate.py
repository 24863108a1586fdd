"""A land certificate scanned at the desk: said to be one, never tried as a key, looked for among the parcels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auth.registers.ports import LandHoldings
from desk.certificate import certificate_in, same_certificate
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.outcomes import LookupOutcome
from desk.present import present
from desk.texts import Texts
from desk.view import DeskState, RegisterState
from desk.visit_data import Surroundings, VisitData
from reader.errors import DataError
from reader.iso7816 import ReaderSnapshot, ServiceState

Bench = Any  # the fixture's class lives in conftest.py, which cannot be imported from here
Make = Any
S = DeskState

CODE = "02-01-2025-09-30-00|099|MAU|H-1|AB 12345678|GCN-099-1||42"


def test_a_scanned_certificate_is_kept_and_no_card_is_tried_with_it(bench: Bench) -> None:
    bench.watch.plug()
    bench.watch.card()
    bench.wait_for(S.NEED_KEY)
    bench.desk.enter_key(CODE)
    view = bench.wait_for(lambda view: view.certificate)
    assert (view.state, view.certificate, view.failure) == (S.NEED_KEY, "AB12345678", None)
    assert bench.inspector.threads == []
    bench.desk.enter_key(bench.number)
    shown = bench.wait_for(S.SHOWING)
    land = next(register for register in shown.registers if register.register == "land")
    assert (land.certificate, land.certificate_held) == ("AB12345678", True)


def test_it_may_be_scanned_before_any_card_and_waits_for_it(bench: Bench) -> None:
    bench.watch.plug()
    bench.desk.enter_key(CODE)
    assert bench.wait_for(lambda view: view.certificate).state is S.WAIT_CARD
    bench.watch.card()
    assert bench.wait_for(S.NEED_KEY).certificate == "AB12345678"


@pytest.mark.parametrize("how", ["card out", "cancel", "next", "idle", "reader"])
def test_it_is_wiped_with_the_visit(bench: Bench, how: str) -> None:
    bench.watch.plug()
    bench.watch.card()
    bench.wait_for(S.NEED_KEY)
    bench.desk.enter_key(CODE)
    bench.wait_for(lambda view: view.certificate)
    {
        "card out": bench.watch.card_out,
        "cancel": bench.desk.cancel,
        "next": bench.desk.next_citizen,
        "idle": lambda: bench.clock.let_pass(120),
        "reader": bench.watch.unplug,
    }[how]()
    bench.wait_for(lambda view: not view.certificate)


def test_a_damaged_code_of_a_certificate_is_not_understood(bench: Bench) -> None:
    bench.watch.plug()
    bench.desk.enter_key(CODE.replace("|42", "|no number"))
    assert bench.wait_for(lambda view: view.failure is not None).failure.code == "key-not-understood"


def test_serials_are_compared_without_blanks_and_case(parcel: Make) -> None:
    assert same_certificate("AB12345678", "ab 12345678")
    assert not same_certificate("AB12345679", "ab 12345678")
    assert not same_certificate("", " "), "no serial names no certificate"


def test_only_a_certificate_s_code_is_one() -> None:
    assert certificate_in(CODE) == "AB12345678"
    assert certificate_in("099090000001||Nguyễn Văn Mẫu|15011990|Nam|Xã Mẫu|25042021") == ""
    assert certificate_in("099090000001") == ""
    with pytest.raises(DataError):
        certificate_in("02-01-2025-09-30-00|099")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("serial", ["AB 12345678", "CD 00000000"])
def test_the_land_register_s_line_says_whether_it_is_there(
    inspection: Make, parcel: Make, serial: str, language: str
) -> None:
    data = replace(
        VisitData().with_inspection(inspection()),
        certificate=serial,
        outcomes=(
            LookupOutcome(POPULATION_KIND),
            LookupOutcome(LAND_KIND, RegisterState.ANSWERED, LandHoldings((parcel(),))),
        ),
    )
    view = present(S.SHOWING, data, Surroundings(), ReaderSnapshot(ServiceState.RUNNING))
    line = Texts(language).register_lines((view.registers[1],))[0][1]
    assert serial in line
    denial = {"vi": "KHÔNG", "en": "NOT"}[language]
    assert (denial in line) is (serial == "CD 00000000")
    assert serial not in Texts(language).register_lines((view.registers[0],))[0][1]
