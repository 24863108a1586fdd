"""A fourth register comes with a package of somebody else's, and every desk has it: nothing of the desk changes.

The package is a real distribution on the path, with a kind and a client under their entry points; its register is a
real little service over TLS, with an answer key of its own. Only the office's registry of purposes allows it.
"""

from __future__ import annotations

import io
import json
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from auth.device_opener import SoftwareOpener
from auth.ledger import Act, Ledger
from auth.machine import machine_mark
from auth.outbox import State
from auth.purposes import citizen_text
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from desk.assembly import desk_on_sandbox
from desk.conduct import Conducted, conduct_visit
from desk.kinds.installed import KindUnusable, installed_kinds
from desk.language import Language
from desk.lookups import ask, make_lookup
from desk.queueing import queue_one
from desk.registers_assembly import registers_of
from desk.report import visit_report
from desk.sandbox_ports import SandboxCard
from desk.settings import Settings
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import FieldId, Match, RegisterState
from desk.waiting_assembly import open_outbox
from gui.theme import Theme
from gui.translations import Tongue
from gui.translations.build import build
from gui.widgets.part import Look
from gui.widgets.result_page import ResultPage
from mock_cards.sandbox import open_card_sandbox
from mock_registers import open_register_sandbox
from mock_registers.app import Register, make_app
from mock_registers.authority import LOOPBACK, TestAuthority
from mock_registers.gate import EnrolledDevice, Gate
from mock_registers.idempotency import Answered
from mock_registers.keys import SandboxKey
from mock_registers.messages import LookupReply, LookupRequest
from mock_registers.purposes import RULES, Ask, Rule
from mock_registers.server import LoopbackServer, bind_loopback
from mock_registers.storage import Storage

PACKAGE = '''
"""Vehicles: a register that nobody at the desk has heard of."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from auth.errors import AnswerForAnother, AnswerNotTrusted
from auth.registers.lookups import Wish, allowed_lookup, check_act, note_of_more, parse_answer
from auth.registers.messages import LookupAnswer, RecordMessage
from auth.registers.sought import Sought
from auth.registers.told import Told
from auth.registers.worded import WordedClient
from desk.cells import name_cell
from desk.language import Phrase
from desk.register_kind import RegisterKind, SectionKind
from desk.section_view import AlertView, Column, ItemView, Standing
from desk.view import FieldId


ALWAYS = ("owner", "stolen")


class VehicleMessage(RecordMessage):
    owner: str
    stolen: bool
    plate: str = ""
    model: str = ""


class VehiclesMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    personal_number: str
    vehicles: tuple[VehicleMessage, ...]


@dataclass(frozen=True)
class Vehicle:
    plate: str
    model: str
    owner: str
    stolen: bool


@dataclass(frozen=True)
class Fleet:
    vehicles: tuple[Vehicle, ...]


class VehicleClient(WordedClient):
    data_path = "/v1/vehicles:lookup"

    def find_vehicles(self, lookup):
        lookup = allowed_lookup("vehicles", Wish.DATA, lookup, self._purposes)
        signed = self._ask(self.data_path, lookup)
        return self.read(Sought.by(lookup), signed.body).answer("vehicles", signed)

    def read(self, asked, body):
        answer = parse_answer("vehicles", LookupAnswer[VehiclesMessage], body)
        check_act("vehicles", asked, answer)
        record = answer.record
        if record is None:
            return Told(None, answer)
        if not asked.about.is_person(record.personal_number):
            raise AnswerForAnother("vehicles", "another-personal-number")
        if asked.certain and any(vehicle.lacks(asked.fields) for vehicle in record.vehicles):
            raise AnswerNotTrusted("vehicles", "answer-incomplete")
        more = any(vehicle.goes_beyond(asked.fields, ALWAYS) for vehicle in record.vehicles)
        kept = tuple(vehicle.with_only((*asked.fields, *ALWAYS)) for vehicle in record.vehicles)
        message = answer.model_copy(update={"record": record.model_copy(update={"vehicles": kept})})
        fleet = Fleet(tuple(Vehicle(**vehicle.model_dump()) for vehicle in kept))
        return Told(fleet, message, note_of_more("vehicles", asked, more=more))


KIND = RegisterKind(
    name="vehicles",
    title=Phrase("Phương tiện", "Vehicles"),
    ask=lambda connection, lookup: connection.find_vehicles(lookup),
    cells=lambda identity, record: {FieldId.FULL_NAME: name_cell(identity, record.vehicles[0].owner)},
    section=SectionKind(
        heading=Phrase("Xe", "Vehicles"),
        columns=(Column(Phrase("Biển số", "Plate")), Column(Phrase("Loại xe", "Model"), 1.0)),
        nothing=Phrase("Không có xe nào.", "There is no vehicle."),
        listed=lambda record: record.vehicles,
        item=lambda vehicle: ItemView(
            key=vehicle.plate,
            label=vehicle.plate,
            cells=(vehicle.plate, vehicle.model),
            standing=Standing.GOOD,
            standing_words=Phrase("còn hiệu lực", "in force"),
            alerts=(AlertView(Phrase("báo mất", "reported stolen"), vehicle.plate),) if vehicle.stolen else (),
        ),
    ),
)
'''

ENTRY_POINTS = """
[motcua.register_kinds]
vehicles = vehicle_register:KIND

[motcua.registers]
vehicles = vehicle_register:VehicleClient
"""

PURPOSES = """
version = "office-1"
extends = "shipped"

[[purpose]]
id = "vehicle-transfer"
name = { vi = "Xe — sang tên", en = "Vehicles — transfer" }
legal_basis = "Quy định thử nghiệm"
basis = "statute"
keep_days = 30

[purpose.asks.population]
fields = ["full_name", "date_of_birth"]

[purpose.asks.vehicles]
name = { vi = "Cơ sở dữ liệu phương tiện thử nghiệm", en = "the test register of vehicles" }
fields = ["plate", "model"]
words = { plate = { vi = "biển số xe", en = "number plate" }, model = { vi = "loại xe", en = "model" } }

[purpose.wording]
version = "1"

[purpose.wording.vi]
what_for = "Để kiểm tra việc thêm một cơ sở dữ liệu."
refusal = "Đây chỉ là thử nghiệm, không ai bị hỏi."

[purpose.wording.en]
what_for = "In order to try how a register is added."
refusal = "This is a test only; nobody is asked."
"""

PURPOSE = "vehicle-transfer"


class Vehicles(Register):
    """Answer about vehicles, by the gate, the seals and the signatures that the other sandbox registers have."""

    def _reply(self, lookup: LookupRequest, receipt: str = "") -> LookupReply:
        vehicles = [
            {"plate": "99A-000.01", "model": "Xe máy Mẫu", "owner": lookup.citizen.full_name.upper(), "stolen": False},
            {"plate": "99A-000.02", "model": "Ô tô Mẫu", "owner": lookup.citizen.full_name, "stolen": True},
        ]
        record: dict[str, Any] = {"personal_number": lookup.citizen.personal_number, "vehicles": vehicles}
        return LookupReply(
            lookup_id=lookup.lookup_id, purpose=lookup.purpose, legal_basis=lookup.legal_basis, record=record
        )


@dataclass(frozen=True)
class Served:
    """Hold where the four registers are (``desk.ports.RegisterSandbox``)."""

    endpoints: tuple[RegisterEndpoint, ...]
    device: DeviceCredential
    clerks: None = None


@contextmanager
def serving(device: EnrolledDevice) -> Iterator[RegisterEndpoint]:
    key, opener, authority = SandboxKey(), SoftwareOpener.generate(), TestAuthority()
    with bind_loopback() as listener:
        storage = Storage()
        origin = f"https://{LOOPBACK}:{listener.getsockname()[1]}"
        gate = Gate("vehicles", {device.key_id: device}, (opener,))
        register = Vehicles(
            "vehicles",
            "/v1/vehicles:lookup",
            lambda _citizen: None,
            gate,
            key,
            storage,
            Answered("vehicles", storage.engine),
        )
        server = LoopbackServer(make_app([register], origin), listener, authority.server_context())
        server.start()
        try:
            yield RegisterEndpoint(
                "vehicles",
                f"{origin}/vehicles",
                (authority.anchor,),
                (AnswerKey(key.key_id, key.spki),),
                seal_keys=(SealKey(opener.key_id, opener.spki),),
            )
        finally:
            server.stop()
            storage.close()


def install(folder: Path, entry_points: str = ENTRY_POINTS) -> None:
    """Lay a distribution into ``folder`` as pip would."""
    (folder / "vehicle_register.py").write_text(PACKAGE, encoding="utf-8")
    info = folder / "vehicle_register-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vehicle-register\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(textwrap.dedent(entry_points), encoding="utf-8")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "purposes.toml"
    file.write_text(PURPOSES, encoding="utf-8")
    return Settings(purposes_file=file, purpose=PURPOSE, clerk="Cán Bộ", clerk_id="cb-001", ledger_hours=0)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    asks = {
        "population": Ask(frozenset({"full_name", "date_of_birth"})),
        "vehicles": Ask(frozenset({"plate", "model"})),
    }
    monkeypatch.setitem(RULES, PURPOSE, Rule(asks))  # type: ignore[arg-type]  # the registers' own list, for this test
    with open_register_sandbox() as sandbox:
        device, opener = sandbox.device, sandbox.device.opener
        assert isinstance(opener, SoftwareOpener)
        assert isinstance(device.signer, SandboxKey)
        enrolled = EnrolledDevice(device.device_id, device.signer.key_id, device.signer.public_key, opener.public_key)
        with serving(enrolled) as endpoint:
            yield Served((*sandbox.endpoints, endpoint), device)


@pytest.fixture
def visit(installed: Path, settings: Settings, served: Served) -> Conducted:
    with open_card_sandbox() as cards:
        desk = desk_on_sandbox(settings, cards, served)
        try:
            return conduct_visit(desk, cards, SandboxCard("nguyen-van-mau"), lambda _view: None, 60.0)
        finally:
            desk.close()


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    build()
    tongue = Tongue(qapp)
    yield Look(Theme(qapp), tongue)
    # With English the translator goes, which would speak Vietnamese to every later test in this process.
    tongue.speak(Language.ENGLISH)


def test_a_fourth_register_is_asked_compared_listed_and_reported_without_a_change_to_the_desk(
    visit: Conducted, qtbot: QtBot, look: Look
) -> None:
    view = visit.view
    states = {register.register: register.state for register in view.registers}
    assert states == {
        "population": RegisterState.ANSWERED,
        "land": RegisterState.NOT_ALLOWED,
        "housing": RegisterState.NOT_ALLOWED,
        "vehicles": RegisterState.ANSWERED,
    }
    name = next(row for row in view.comparison if row.field is FieldId.FULL_NAME)
    assert name.of("vehicles").match is Match.SAME
    (section,) = [section for section in view.sections if section.register == "vehicles"]
    assert [item.label for item in section.items] == ["99A-000.01", "99A-000.02"]

    page = io.StringIO()
    TerminalPage(console_for(page), Texts("vi")).show(view)
    for words in ("Phương tiện: đã trả lời — báo mất", "Biển số", "99A-000.01", "! 99A-000.02: báo mất"):
        assert words in page.getvalue()

    report: Any = json.loads(json.dumps(visit_report(visit.data, test=True)))
    assert [vehicle["plate"] for vehicle in report["holdings"]["vehicles"]] == ["99A-000.01", "99A-000.02"]
    assert report["comparison"][0]["vehicles"]["match"] == "same"
    assert report["registers"][-1]["register"] == "vehicles"
    assert report["registers"][-1]["key_id"]

    result = ResultPage(look)
    qtbot.addWidget(result)
    result.present(view)
    tabs = result.holdings.tabs
    assert [tabs.tabText(number) for number in range(tabs.count())] == ["Thửa đất", "Nhà ở", "Xe · 2"]
    assert tabs.currentIndex() == 2, "the page that holds something is turned to"
    assert not tabs.tabIcon(2).isNull()
    grid = result.holdings.page("vehicles").view.grid
    assert (grid.rowCount(), grid.cell(1, 0).note) == (2, "báo mất")
    assert result.comparison.registers == 2, "who is not asked has no column"


def test_its_look_ups_stand_in_the_ledger_under_its_name(
    visit: Conducted, settings: Settings, served: Served, tmp_path: Path
) -> None:
    assert visit.data.identity is not None
    desk = settings.model_copy(update={"ledger": tmp_path / "ledger.db"})
    registers = registers_of(desk, served.endpoints, served.device)
    lookup = make_lookup(visit.data.identity, settings.purposes().purpose(PURPOSE), "cb-001")
    register = registers.of("vehicles")
    assert register.find is not None
    assert ask(register.kind, register.find, lookup).state is RegisterState.ANSWERED
    registers.close()
    ledger = Ledger(tmp_path / "ledger.db", served.device.signer, machine="")
    assert {Act.from_leaf(leaf).register for _, leaf in ledger.leaves()} == {"vehicles"}
    ledger.close()


def test_what_waited_for_it_is_judged_by_its_own_client_and_cut_down(
    visit: Conducted, settings: Settings, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visit.data.identity is not None
    desk = settings.model_copy(update={"ledger": tmp_path / "ledger.db"})
    away = tuple(replace(endpoint, base_url="https://127.0.0.1:9") for endpoint in served.endpoints)
    registers = registers_of(desk, away, served.device)
    register = registers.of("vehicles")
    assert register.find is not None
    assert registers.waiting is not None
    for _ in range(2):
        lookup = make_lookup(visit.data.identity, settings.purposes().purpose(PURPOSE), "cb-001")
        outcome = ask(register.kind, register.find, lookup)
        assert queue_one(registers.waiting, outcome, "H-1").state is RegisterState.QUEUED
    registers.close()
    reply = Vehicles._reply
    replies: list[dict[str, Any]] = []

    def lie(self: Vehicles, lookup: LookupRequest, receipt: str = "") -> LookupReply:
        """Tell more of the first vehicle than was asked for, and leave out of the second what was."""
        said = reply(self, lookup, receipt)
        assert said.record is not None
        vehicle = dict(said.record["vehicles"][0])
        replies.append(
            {**vehicle, "engine": "secret"} if not replies else {"owner": "X", "stolen": False, "plate": "P"}
        )
        return said.model_copy(update={"record": {**said.record, "vehicles": [replies[-1]]}})

    monkeypatch.setattr(Vehicles, "_reply", lie)
    registers = registers_of(desk, served.endpoints, served.device)
    assert registers.waiting is not None
    progress, _ = registers.waiting.send_now(threading.Event(), lambda _: None)
    registers.close()
    assert (progress.answered, progress.failed) == (1, 1)
    with (
        closing(Ledger(tmp_path / "ledger.db", served.device.signer, machine=machine_mark())) as ledger,
        closing(open_outbox(desk, served.device, ledger)) as outbox,
    ):
        (one,) = outbox.take("H-1")
        (left,) = outbox.items()
    assert one.item.reason == "more-than-asked"
    told = json.loads(one.answer or b"")["record"]["vehicles"]
    assert told == [{"plate": "99A-000.01", "model": "Xe máy Mẫu", "owner": told[0]["owner"], "stolen": False}]
    assert (left.state, left.reason) == (State.QUEUED, "register-answer-untrusted")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_citizen_is_told_of_it_in_the_words_that_came_with_the_purpose(settings: Settings, language: str) -> None:
    words = {
        "vi": "Hỏi Cơ sở dữ liệu phương tiện thử nghiệm: biển số xe, loại xe.",
        "en": "Asked of the test register of vehicles: number plate, model.",
    }
    assert words[language] in citizen_text(settings.purposes().purpose(PURPOSE), language).split("\n")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("vehicles = vehicle_register:NOTHING", "AttributeError"),
        ("vehicles = no_such_module:KIND", "ModuleNotFoundError"),
        ("cars = vehicle_register:KIND", "no kind of this name"),
        ("vehicles = vehicle_register:Vehicle", "no kind of this name"),
        ("land = vehicle_register:KIND", "offered twice"),
    ],
)
def test_a_register_that_no_desk_can_use_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, why: str
) -> None:
    install(tmp_path, f"[motcua.register_kinds]\n{entry}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(KindUnusable, match=why):
        installed_kinds()
