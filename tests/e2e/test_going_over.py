"""A desk that stays open while its keys are replaced: it works with the new ones before the registers drop the old."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from auth.clerk.endpoint import AuthorizationEndpoint
from auth.device.enrolling import Applicant, begin_enrolment
from auth.device.keeper import DeviceKeeper
from auth.device.keys import StoreKind
from auth.device.opening import credential_of, open_store
from auth.device.record import DeviceFolder, DeviceRecord, KeyPair, StorePlace
from auth.device.rotating import rotate
from auth.device.states import DeviceAct
from auth.errors import RegisterError
from auth.ledger import Act, ActKind, LedgerReader
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import RegisterEndpoint
from desk.assembly import desk_on_pcsc
from desk.device_place import ledger_file
from desk.runner import Desk
from desk.sandbox_ports import CardSandbox, SandboxCard
from desk.settings import Settings, load_settings
from desk.sign_in_view import SignInState
from desk.view import DeskState, DeskView
from mock_cards.sandbox import open_card_sandbox
from mock_registers.authorization.sandbox import AuthorizationSandbox
from mock_registers.enrolment import EnrolledDevices
from mock_registers.enrolment_tables import DeviceKeysRow
from mock_registers.sandbox import serve_registers
from mock_registers.storage import Storage
from reader.lds.identity import CalendarDate

PATIENCE = 60.0
PURPOSE = "land-change-registration"
LOOKUP = Lookup(
    lookup_id="0198c1f0-0000-7000-8000-000000000099",
    personal_number="099090000001",
    full_name="Nguyễn Văn Mẫu",
    date_of_birth=CalendarDate(1990, 1, 15),
    purpose=PURPOSE,
    legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
    clerk="cb-001",
)


class Office:
    """One office on the sandbox: its enrolled computer, its settings, and an emulated reader."""

    def __init__(self, home: Path, cards: CardSandbox, stack: ExitStack, *, clerks: bool) -> None:
        url = f"sqlite:///{home / 'sandbox.db'}"
        self.servers: list[AuthorizationSandbox] = []
        begun = self.servers.append if clerks else None
        served = stack.enter_context(serve_registers([], database_url=url, enrolment=True, clerks=begun))
        self.endpoints = {endpoint.register: endpoint for endpoint in served}
        storage = Storage(url)
        stack.callback(storage.close)
        self.database = storage.database
        self.cards = cards
        self.folder = DeviceFolder(home / "device")
        secret = home / "passphrase"
        secret.touch(mode=0o600)
        secret.write_text("cụm mật khẩu để thử 099\n", encoding="utf-8")
        self.place = StorePlace(kind=StoreKind.PASSPHRASE, secret_file=str(secret))
        anchors = home / "anchors"
        anchors.mkdir()
        for number, anchor in enumerate(cards.anchors):
            (anchors / f"{number}.cer").write_bytes(anchor)
        for number, one in enumerate(cards.revocation_lists):
            (anchors / f"{number}.crl").write_bytes(one)
        text = (
            f'clerk = "cb-001"\npurpose = "{PURPOSE}"\nledger_hours = 0\ntrust_directory = {json.dumps(str(anchors))}\n'
        )
        text += f"[device]\nfolder = {json.dumps(str(self.folder.path))}\n" + "".join(map(_table, served))
        text += "".join(_way_in(server.endpoint) for server in self.servers)
        (home / "office.toml").write_text(text, encoding="utf-8")
        self.settings: Settings = load_settings((home / "office.toml",), {})
        self._enrol()

    def _enrol(self) -> None:
        def ask() -> str:
            with closing(open_store(self.folder.path, self.place)) as store:
                applicant = Applicant("UBND xã Thử", "Quầy 1", "test")
                return begin_enrolment(self.folder, self.place, store, self.endpoints["enrolment"], applicant).device_id

        device = ask()
        EnrolledDevices(self.database).act(device, DeviceAct.APPROVE)
        ask()
        # As old as keys become before they are replaced.
        keys = self.record.keys.model_copy(update={"made": self.record.keys.made - 91 * 86_400})
        self.folder.write(self.record.model_copy(update={"keys": keys}))

    @property
    def record(self) -> DeviceRecord:
        record = self.folder.read()
        assert record is not None
        return record

    def make_young(self) -> None:
        keys = self.record.keys.model_copy(update={"made": self.record.keys.made + 91 * 86_400})
        self.folder.write(self.record.model_copy(update={"keys": keys}))

    def rotate(self) -> None:
        with closing(open_store(self.folder.path, self.place)) as store:
            rotate(self.folder, store, self.endpoints["enrolment"])

    def looks_up_with(self, keys: KeyPair) -> bool:
        with closing(open_store(self.folder.path, self.place)) as store:
            credential = credential_of(self.record.model_copy(update={"keys": keys}), store)
            with closing(PopulationClient(self.endpoints["population"], credential)) as client:
                return client.find_citizen(LOOKUP).record is not None

    def take_no_more(self, key_id: str) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(DeviceKeysRow).where(DeviceKeysRow.key_id == key_id).values(until=1))

    def acts(self, keys: KeyPair) -> list[Act]:
        with closing(LedgerReader(ledger_file(self.settings, keys.signing))) as ledger:
            return [Act.from_leaf(leaf) for _, leaf in ledger.leaves()]


def _table(endpoint: RegisterEndpoint) -> str:
    def keys(some: Any) -> str:
        return ", ".join(
            f'{{ key_id = "{one.key_id}", spki = "{base64.b64encode(one.spki).decode()}" }}' for one in some
        )

    anchors = ", ".join(json.dumps(ssl.DER_cert_to_PEM_cert(anchor)) for anchor in endpoint.tls_anchors)
    lines = [f'base_url = "{endpoint.base_url}"', f"tls_anchors = [{anchors}]"]
    lines.append(f"answer_keys = [{keys(endpoint.answer_keys)}]")
    if endpoint.register == "enrolment":
        return "\n".join(["[enrolment]", *lines, ""])
    head = ["[[registers]]", f'register = "{endpoint.register}"']
    return "\n".join([*head, *lines, f"seal_keys = [{keys(endpoint.seal_keys)}]", ""])


def _way_in(endpoint: AuthorizationEndpoint) -> str:
    anchors = json.dumps([ssl.DER_cert_to_PEM_cert(anchor) for anchor in endpoint.tls_anchors])
    return f"[authorization]\nissuer = {json.dumps(endpoint.issuer)}\ntls_anchors = {anchors}\n"


class Seen:
    """Follow what a desk shows, and wait for something of it."""

    def __init__(self, desk: Desk) -> None:
        self._view: DeskView | None = None
        self._changed = threading.Condition()
        desk.subscribe(self._see)

    def _see(self, view: DeskView) -> None:
        with self._changed:
            self._view = view
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeskView], bool]) -> DeskView:
        with self._changed:
            assert self._changed.wait_for(lambda: self._view is not None and wanted(self._view), PATIENCE), self._view
            assert self._view is not None
            return self._view


@pytest.fixture
def office_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], Office]]:
    """Return what opens an office, one where clerks sign in or not."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    with ExitStack() as stack:
        cards = stack.enter_context(open_card_sandbox())
        # The emulated reader in the place of this computer's; all else is as at any desk.
        monkeypatch.setattr("desk.assembly.PcscWatch", lambda: cards.watch)
        monkeypatch.setattr("desk.assembly.PcscTerminal", lambda **_: cards.terminal)
        yield lambda clerks: Office(tmp_path, cards, stack, clerks=clerks)


@pytest.fixture
def office(office_where: Callable[[bool], Office]) -> Office:
    return office_where(False)


def put_on(office: Office, desk: Desk, seen: Seen) -> None:
    """Put a card on, and type its number once the desk asks for one: it forgets what is typed before."""
    number = office.cards.insert(SandboxCard("nguyen-van-mau"))
    seen.until(lambda view: view.state is DeskState.NEED_KEY)
    desk.enter_key(number)


def test_after_its_keys_were_replaced_an_open_desk_is_answered_with_the_new_ones_alone(office: Office) -> None:
    old = office.record.keys
    assert office.looks_up_with(old)
    desk = desk_on_pcsc(office.settings)
    first = desk.parts.side
    seen = Seen(desk)
    desk.start()
    try:
        seen.until(lambda _: desk.parts.registers is not first.registers)
        new = office.record.keys
        assert new != old
        seen.until(lambda view: view.device is None and view.waiting is not None)
        office.take_no_more(old.signing)
        with pytest.raises(RegisterError):
            office.looks_up_with(old)
        put_on(office, desk, seen)
        shown = seen.until(lambda view: view.state is DeskState.SHOWING)
        assert {register.register: register.failure for register in shown.registers} == dict.fromkeys(
            ("population", "land", "housing"), ""
        )
        waiting = desk.parts.registers.waiting
        assert waiting is not None
        waiting.queue("land", LOOKUP, "H099")
        desk.next_citizen()
        assert first.registers.device is not None
        assert first.registers.device.restart_by() is not None, "what was closed knows that it is not the present one"
    finally:
        desk.close()
    kinds = [act.kind for act in office.acts(new)]
    assert ActKind.ASKED in kinds
    assert ActKind.QUEUED in kinds
    told = [act.detail for act in office.acts(old) if act.kind is ActKind.ROTATED]
    assert told == [f"begun {old.signing}", f"done {new.signing}"]
    assert ActKind.ROTATED not in kinds, "told once"


def replaced_by_hand(office: Office, desk: Desk) -> None:
    """Replace the keys beside an open desk, which hears of it when it next asks for its status."""
    office.rotate()
    keeper = desk.parts.registers.device
    assert keeper is not None
    keeper.refresh()
    desk._mailbox.ask(desk._see_device)


def test_a_clerk_who_is_signed_in_works_on_and_the_next_one_signs_in_with_the_new_keys(
    office_where: Callable[[bool], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_where(True)
    office.make_young()
    old = office.record.keys
    monkeypatch.setattr("desk.assembly.open_browser", office.servers[0].browser())
    desk = desk_on_pcsc(office.settings)
    before = desk.parts.registers
    seen = Seen(desk)

    def visit() -> dict[str, str]:
        put_on(office, desk, seen)
        shown = seen.until(lambda view: view.state is DeskState.SHOWING)
        desk.next_citizen()
        seen.until(lambda view: view.identity is None)
        office.cards.remove()
        return {register.register: register.failure for register in shown.registers}

    desk.start()
    try:
        desk.sign_in()
        seen.until(lambda view: view.sign_in is not None and view.sign_in.state is SignInState.SIGNED_IN)
        replaced_by_hand(office, desk)
        for _ in range(2):
            assert set(visit().values()) == {""}
        assert desk.parts.registers is before, "no sign-in can be taken along, so nobody is signed out for it"
        desk.sign_out()
        seen.until(lambda view: desk.parts.registers is not before and view.device is None)
        office.take_no_more(old.signing)
        desk.sign_in()
        seen.until(lambda view: view.sign_in is not None and view.sign_in.state is SignInState.SIGNED_IN)
        assert set(visit().values()) == {""}
    finally:
        desk.close()


def test_no_desk_goes_over_in_the_middle_of_a_visit(office: Office) -> None:
    office.make_young()
    desk = desk_on_pcsc(office.settings)
    before = desk.parts.registers
    seen = Seen(desk)
    desk.start()
    try:
        put_on(office, desk, seen)
        seen.until(lambda view: view.state is DeskState.SHOWING)
        replaced_by_hand(office, desk)
        seen.until(lambda view: view.device is not None and bool(view.device.restart_by))
        assert desk.parts.registers is before
        desk.next_citizen()
        seen.until(lambda view: view.device is None and desk.parts.registers is not before)
    finally:
        desk.close()


def told_of_news(keeper: DeviceKeeper, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what is set once the desk, not yet started, was told of the keeper's first news."""
    told, follow = threading.Event(), keeper.follow

    def overhear(on_news: Callable[[], None]) -> None:
        def tell() -> None:
            on_news()
            told.set()

        follow(tell)

    # The desk follows before its keeper begins: whoever followed after it would miss news that came at once.
    monkeypatch.setattr(keeper, "follow", overhear)
    return told


def test_keys_that_were_replaced_while_no_desk_was_open_are_told_by_the_next_one_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.rotate()
    new = office.record.keys
    for untold in (office.record.untold, (), (new.signing,)):
        # The last time as a process leaves it that was killed right after it had told.
        office.folder.write(office.record.model_copy(update={"untold": untold}))
        desk = desk_on_pcsc(office.settings)
        keeper = desk.parts.registers.device
        assert keeper is not None
        looked = told_of_news(keeper, monkeypatch)
        desk.start()
        assert looked.wait(PATIENCE)
        desk.close()
        assert office.record.untold == ()
        assert [act.detail for act in office.acts(new) if act.kind is ActKind.ROTATED] == [f"done {new.signing}"]
