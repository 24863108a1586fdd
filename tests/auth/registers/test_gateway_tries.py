"""A gateway of today on a line that breaks: what was lost is asked for again, what was said is not, all in one time."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

import pytest

from auth.errors import AnswerNotTrusted, RegisterError, RegisterRefused, RegisterTimeout, RegisterUnreachable
from auth.registers import Lookup
from auth.registers.population_soap import PopulationSoapClient
from auth.registers.ports import Answer, PopulationRecord
from auth.wire import DeviceCredential
from auth.wire.errand import Errand, Recall, Stage
from auth.wire.exchange import HttpsExchange
from auth.wire.signatures import HttpAnswer, HttpRequest
from auth.wire.soap_gateway import BasicLogin, SoapGateway
from desk.patience import TRIES, Patience
from mock_registers.keys import SandboxKey

EndsBy = Callable[[float], AbstractContextManager[None]]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DANCU = "http://www.mic.gov.vn/dancu/1.0"
DAN = "{http://dancuquocgia.bca}"
ENVELOPE = f'<e:Envelope xmlns:e="{SOAP}"><e:Body>%s</e:Body></e:Envelope>'
NOBODY = ENVELOPE % f'<CongdanCollection xmlns="{DANCU}"></CongdanCollection>'
FAULT = ENVELOPE % "<e:Fault><faultcode>e:%s</faultcode><faultstring>x</faultstring></e:Fault>"
YES = ENVELOPE % f'<KetQuaXacThuc xmlns="{DANCU}"><TonTai>true</TonTai></KetQuaXacThuc>'
GATEWAY = SoapGateway(
    procedure_codes=(("land-change-registration", "1.000"),),
    basic=BasicLogin("desk", "secret", "https://gateway.invalid/token"),
)


def _xml(body: str, status: str = "200 OK", more: str = "", media_type: str = "text/xml") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body.encode())}\r\n{more}\r\n"
    return head.encode() + body.encode()


ANSWER = _xml(NOBODY)
RESET, SILENT = b"reset", b"silent"
BUSY = _xml("<html/>", "503 Service Unavailable", media_type="text/html")
ASTRAY = _xml("<html/>", "502 Bad Gateway", media_type="text/html")


@dataclass
class Gateway:
    """What a gateway says to each request in turn, and what it heard."""

    script: list[bytes] = field(default_factory=list)
    heard: list[HttpRequest] = field(default_factory=list)
    told: list[Stage] = field(default_factory=list)
    recall: Recall = field(default_factory=Recall)
    client: PopulationSoapClient | None = None

    def ask(self, lookup: Lookup, *script: bytes, seconds: float = 10.0) -> Answer[PopulationRecord]:
        """Look up as a desk does, patiently."""
        self.script[:] = script
        client = self.client
        assert client is not None

        def find(asked: Lookup, errand: Errand) -> Answer[PopulationRecord]:
            return client.sent_on(errand).find_citizen(asked)

        patience = Patience(self.recall, lambda _register, stage: self.told.append(stage), draw=lambda: 0.0)
        return patience.ask("population", seconds, find, lookup)

    def acts(self) -> list[tuple[str, str]]:
        """Return what was asked, by operation and MaYeuCau."""
        roots = [ElementTree.fromstring(request.body) for request in self.heard]  # noqa: S314 — our own client wrote it
        said = [root.find(f"{{{SOAP}}}Body/*") for root in roots]
        return [(one.tag.removeprefix(DAN), one.findtext(f"{DAN}MaYeuCau") or "") for one in said if one is not None]


@pytest.fixture
def gateway(raw_register: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Return a gateway behind real TLS; RESET and SILENT are what it may do in the place of an answer."""
    made = Gateway()
    send = HttpsExchange.send

    def listen(exchange: HttpsExchange, request: HttpRequest, seconds: float, recall: Recall) -> HttpAnswer:
        made.heard.append(request)
        return send(exchange, request, seconds, recall)

    def talk(connection: socket.socket, stop: threading.Event) -> None:
        connection.recv(1)
        said = made.script.pop(0)
        if said == SILENT:
            stop.wait()
        elif said == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.sendall(said)

    monkeypatch.setattr(HttpsExchange, "send", listen)
    register = raw_register(talk=talk)
    endpoint = replace(register.endpoint, gateway=GATEWAY)  # type: ignore[attr-defined]  # RawRegister, of a conftest
    with closing(PopulationSoapClient(endpoint, DeviceCredential("desk-1", SandboxKey()), deadline_s=30.0)) as client:
        made.client = client
        yield made


# --- what is asked for again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [RESET, ANSWER[:90], ASTRAY, BUSY], ids=["reset", "cut", "502", "503"])
def test_what_is_lost_on_the_way_to_a_gateway_or_back_is_asked_for_again_as_the_same_act(
    gateway: Gateway, lookup: Lookup, lost: bytes
) -> None:
    assert gateway.ask(lookup, lost, lost, ANSWER).record is None
    assert gateway.told == [Stage.AGAIN, Stage.AGAIN]
    assert gateway.acts() == [("TraCuuThongTinCongDan", lookup.lookup_id)] * 3
    assert len({request.body for request in gateway.heard}) == 1
    assert len({request.headers["authorization"] for request in gateway.heard}) == 3, "each logs in at its own time"


def test_a_third_loss_is_the_end(gateway: Gateway, lookup: Lookup) -> None:
    with pytest.raises(RegisterUnreachable, match="connection-broken"):
        gateway.ask(lookup, *[RESET] * 5)
    assert len(gateway.heard) == TRIES


def test_where_nobody_listens_it_is_tried_three_times(gateway: Gateway, lookup: Lookup) -> None:
    with closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))
        assert gateway.client is not None
        gateway.client._url = f"https://127.0.0.1:{closed.getsockname()[1]}/gateway"
        with pytest.raises(RegisterUnreachable, match="connection-refused"):
            gateway.ask(lookup)
    assert len(gateway.heard) == TRIES


def test_a_yes_that_was_wanted_first_is_asked_for_again_with_the_data(gateway: Gateway, lookup: Lookup) -> None:
    assert gateway.client is not None
    gateway.client._gateway = replace(GATEWAY, confirm_first=True)
    assert gateway.ask(lookup, _xml(YES), RESET, _xml(YES), ANSWER).record is None
    names = [operation for operation, _ in gateway.acts()]
    assert names == ["XacThucThongTinCongDan", "TraCuuThongTinCongDan"] * 2
    assert len({request_id for _, request_id in gateway.acts()}) == 1


def test_a_short_pause_that_a_gateway_asks_for_is_kept(gateway: Gateway, lookup: Lookup) -> None:
    started = time.monotonic()
    gateway.ask(lookup, _xml("<html/>", "503 Busy", "retry-after: 1\r\n", "text/html"), ANSWER)
    assert time.monotonic() - started >= 1.0


# --- what is not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "error", "why"),
    [
        (_xml(FAULT % "Client", "500 x"), RegisterRefused, "refused"),
        (_xml(FAULT % "Client", "503 x"), RegisterRefused, "refused"),
        (_xml(FAULT % "Client", "502 x"), RegisterRefused, "refused"),
        (_xml(FAULT % "Server.Busy", "500 x"), RegisterUnreachable, "soap-fault"),
        (_xml(FAULT % "Server.Busy", "503 x"), RegisterUnreachable, "soap-fault"),
        (_xml("", "401 x"), RegisterRefused, "refused"),
        (_xml("", "500 x", media_type="text/html"), RegisterUnreachable, "http-500"),
        (_xml("", "504 x", media_type="text/html"), RegisterUnreachable, "http-504"),
        (_xml("", "503 x", "retry-after: 120\r\n", "text/html"), RegisterUnreachable, "http-503"),
        (_xml("<html/>"), AnswerNotTrusted, "answer-malformed"),
    ],
    ids=[
        "client-fault",
        "client-fault-by-503",
        "client-fault-by-502",
        "server-fault",
        "server-fault-by-503",
        "unauthorized",
        "500",
        "504",
        "503-for-two-minutes",
        "not-believed",
    ],
)
def test_what_a_gateway_says_is_final(
    gateway: Gateway, lookup: Lookup, said: bytes, error: type[RegisterError], why: str
) -> None:
    with pytest.raises(error, match=why):
        gateway.ask(lookup, said, ANSWER)
    assert (len(gateway.heard), gateway.told) == (1, [])


def test_how_long_a_gateway_wants_to_be_left_alone_is_handed_on(gateway: Gateway, lookup: Lookup) -> None:
    with pytest.raises(RegisterUnreachable) as caught:
        gateway.ask(lookup, _xml("", "503 x", "retry-after: 120\r\n", "text/html"))
    assert caught.value.retry_after_s == 120.0


def test_all_tries_end_at_one_time(gateway: Gateway, lookup: Lookup, ends_by: EndsBy) -> None:
    with ends_by(2.0), pytest.raises(RegisterTimeout):
        gateway.ask(lookup, RESET, SILENT, seconds=2.0)
    assert len(gateway.heard) == 2


def test_called_back_it_ends_at_once(gateway: Gateway, lookup: Lookup, ends_by: EndsBy) -> None:
    timer = threading.Timer(0.3, gateway.recall.call)
    timer.start()
    with ends_by(0.3), pytest.raises(RegisterUnreachable, match="called-back"):
        gateway.ask(lookup, SILENT, ANSWER)
    timer.join()
    assert len(gateway.heard) == 1
