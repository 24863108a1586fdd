"""Both registers in this process, with a test device already enrolled (``desk.ports.RegisterSandbox``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint
from mock_cards.personas import load_all, load_persona
from mock_registers.app import Service, make_app, make_registers
from mock_registers.authority import LOOPBACK, TestAuthority
from mock_registers.faults import REGISTERS, parse_fault
from mock_registers.gate import EnrolledDevice
from mock_registers.keys import SandboxKey
from mock_registers.presence import PRESENCE, PresenceService
from mock_registers.server import LoopbackServer, bind_loopback
from mock_registers.storage import IN_MEMORY, Storage

__all__ = ["RegisterSandbox", "open_register_sandbox", "serve_registers"]

_TEST_DEVICE = "desk-test"


@dataclass(frozen=True, slots=True)
class RegisterSandbox:
    """Hold where the registers are and as whom to ask them."""

    endpoints: tuple[RegisterEndpoint, ...]
    device: DeviceCredential

    def endpoint(self, register: str) -> RegisterEndpoint:
        """Return the endpoint of ``register``; raise KeyError where there is none."""
        for endpoint in self.endpoints:
            if endpoint.register == register:
                return endpoint
        raise KeyError(register)


@contextmanager
def open_register_sandbox(
    *,
    fault: str = "",
    people: Iterable[str] = (),
    database_url: str = IN_MEMORY,
    port: int = 0,
    card_anchors: Iterable[bytes] = (),
) -> Iterator[RegisterSandbox]:
    """Serve both registers until the block ends; ``fault`` is NAME or REGISTER:NAME of ``mock_registers.faults``.

    ``people`` are files of persons who are known besides the shipped ones. With ``card_anchors``, DER certificates of
    card issuers, a presence verifier is served too, under the name "presence".

    Raises ValueError for a fault that there is not and for a file that is no person, OSError for a port in use.
    """
    key = SandboxKey()
    device = EnrolledDevice(_TEST_DEVICE, key.key_id, key.public_key)
    with serve_registers(
        [device], fault=fault, people=people, database_url=database_url, port=port, card_anchors=card_anchors
    ) as endpoints:
        yield RegisterSandbox(endpoints, DeviceCredential(_TEST_DEVICE, key))


@contextmanager
def serve_registers(
    devices: Iterable[EnrolledDevice],
    *,
    fault: str = "",
    people: Iterable[str] = (),
    database_url: str = IN_MEMORY,
    port: int = 0,
    card_anchors: Iterable[bytes] = (),
) -> Iterator[tuple[RegisterEndpoint, ...]]:
    """Serve both registers to ``devices`` until the block ends; hand out where they are."""
    known = (*load_all(), *map(load_persona, people))
    faulty, which = parse_fault(fault) if fault else (frozenset[str](), None)
    with ExitStack() as stack:
        listener = stack.enter_context(bind_loopback(port))
        storage = Storage(database_url)
        stack.callback(storage.close)
        storage.fill(known)
        keys = {name: SandboxKey() for name in REGISTERS}
        faults = dict.fromkeys(faulty, which) if which is not None else {}
        enrolled = {device.key_id: device for device in devices}
        services: list[Service] = [*make_registers(storage, keys, enrolled, faults)]
        if believed := tuple(card_anchors):
            keys[PRESENCE] = SandboxKey()
            services.append(PresenceService(believed, keys[PRESENCE], enrolled))
        origin = f"https://{LOOPBACK}:{listener.getsockname()[1]}"
        authority = TestAuthority()
        server = LoopbackServer(make_app(services, origin), listener, authority.server_context())
        server.start()
        stack.callback(server.stop)
        yield tuple(
            RegisterEndpoint(name, f"{origin}/{name}", (authority.anchor,), (AnswerKey(key.key_id, key.spki),))
            for name, key in keys.items()
        )
