"""The registers in this process, with a test device already enrolled (``desk.ports.RegisterSandbox``).

The population register may be had as it is reached today instead, through a SOAP gateway of a variant.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device.certificate import DeviceCertificate
from auth.device.messages import ENROLMENT
from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.wire.endpoint import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey, Signer
from auth.wire.soap_gateway import BasicLogin, CodeNames, DateForm, SoapGateway
from mock_cards.personas import load_all, load_persona
from mock_registers.app import Service, make_app, make_registers
from mock_registers.authority import LOOPBACK
from mock_registers.authorization.faults import AuthorizationFault
from mock_registers.authorization.sandbox import AuthorizationSandbox
from mock_registers.contract import contract_text
from mock_registers.enrolment import DevicesTogether, EnrolledDevices, EnrolmentService
from mock_registers.enrolment.office import OfficeAuthority
from mock_registers.faults import REGISTERS, parse_fault
from mock_registers.gate import EnrolledDevice
from mock_registers.housing import HousingStorage
from mock_registers.kept_keys import SandboxKeys, new_keys
from mock_registers.keys import SandboxKey
from mock_registers.presence import PRESENCE, PresenceService
from mock_registers.presence_pages import DatabasePages
from mock_registers.presence_store import DatabaseStore
from mock_registers.server import LoopbackServer, bind_loopback
from mock_registers.soap import SOAP_PATH, SoapRegister
from mock_registers.soap_faults import SoapFault
from mock_registers.soap_variants import (
    AUTH_URL,
    PROCEDURES,
    USER,
    VARIANTS,
    X_ROAD_CLIENT,
    AreaCodes,
    Variant,
)
from mock_registers.storage import IN_MEMORY, Storage
from mock_registers.tls import TLS_FAULT, SandboxTls, TlsFault
from reader.trust import TrustMaterial

__all__ = ["RegisterSandbox", "open_register_sandbox", "published_contract", "serve_registers"]

_TEST_DEVICE = "desk-test"
_GATEWAY = "gateway:"
_AUTHORIZATION = "authorization:"


@dataclass(frozen=True, slots=True)
class RegisterSandbox:
    """Hold where the registers are and as whom to ask them; with ``clerks``, where a clerk must sign in first."""

    endpoints: tuple[RegisterEndpoint, ...]
    device: DeviceCredential
    clerks: AuthorizationSandbox | None = None
    device_certificate: DeviceCertificate | None = None

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
    host: str = LOOPBACK,
    front: int = 0,
    card_anchors: Iterable[bytes] = (),
    card_lists: Iterable[bytes] = (),
    card_trust_expires: datetime | None = None,
    presence_least: Mapping[str, int] | None = None,
    soap: str = "",
    clerks: bool = False,
    client_folder: Path | None = None,
) -> Iterator[RegisterSandbox]:
    """Serve the registers until the block ends; ``fault`` is NAME or REGISTER:NAME of ``mock_registers.faults``.

    ``people`` are files of persons who are known besides the shipped ones. With ``card_anchors``, DER certificates of
    card issuers, a presence verifier is served too, under the name "presence", and every register judges by it the
    proofs that come with look-ups; ``card_lists`` are the revocation lists it knows, ``card_trust_expires`` is when its
    trust list ends. ``presence_least`` is the level that each purpose must show there; else nobody is answered.

    ``soap`` is a variant of ``mock_registers.soap_variants`` by which population is reached instead; gateway:NAME is
    then a fault of ``mock_registers.soap_faults``.

    With ``clerks`` an authorization server is served too, and the registers answer nobody without a clerk who signed in
    there; authorization:NAME is then a fault of ``mock_registers.authorization.faults``.

    tls:NAME is a fault of ``mock_registers.tls``. With ``client_folder`` every client must show a TLS certificate, and
    one for the desk is written there.

    They listen on ``host``, 127.0.0.1 or ::1, at ``port``; desks come by ``front`` where a relay stands before that.

    Raises ValueError for a fault or a gateway that there is not and for a file that is no person, OSError for a port
    in use, DatabaseTrouble for a database that does not work.
    """
    key, opener = SandboxKey(), SoftwareOpener.generate()
    device = EnrolledDevice(_TEST_DEVICE, key.key_id, key.public_key, opener.public_key)
    begun: list[AuthorizationSandbox] = []
    with serve_registers(
        [device],
        fault=fault,
        people=people,
        database_url=database_url,
        port=port,
        host=host,
        front=front,
        card_anchors=card_anchors,
        card_lists=card_lists,
        card_trust_expires=card_trust_expires,
        presence_least=presence_least,
        soap=soap,
        clerks=begun.append if clerks else None,
        client_folder=client_folder,
    ) as endpoints:
        authorization = begun[0] if begun else None
        yield RegisterSandbox(
            endpoints, DeviceCredential(_TEST_DEVICE, key, opener), authorization, _certificate_of(key)
        )


def _certificate_of(key: Signer) -> DeviceCertificate:
    """Certify the test device under an office that goes with this sandbox, so that nobody else believes its slips."""
    office = OfficeAuthority.generate()
    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    der = office.certify(_TEST_DEVICE, "", _TEST_DEVICE, DeviceKey.from_der(spki), now=datetime.now(UTC))
    return DeviceCertificate.parse(der, (office.anchor,))


@contextmanager
def serve_registers(
    devices: Iterable[EnrolledDevice],
    *,
    fault: str = "",
    people: Iterable[str] = (),
    database_url: str = IN_MEMORY,
    port: int = 0,
    host: str = LOOPBACK,
    front: int = 0,
    card_anchors: Iterable[bytes] = (),
    card_lists: Iterable[bytes] = (),
    card_trust_expires: datetime | None = None,
    presence_least: Mapping[str, int] | None = None,
    soap: str = "",
    enrolment: bool = False,
    clerks: Callable[[AuthorizationSandbox], None] | None = None,
    client_folder: Path | None = None,
    kept: SandboxKeys | None = None,
) -> Iterator[tuple[RegisterEndpoint, ...]]:
    """Serve the registers to ``devices`` until the block ends; hand out where they are.

    With ``enrolment`` desks may ask to become devices, under the name "enrolment". With ``clerks``, which is told of
    it, an authorization server is served, and look-ups need a clerk who signed in there. With ``client_folder`` every
    client must show a TLS certificate, and one for the desk is written there. ``kept`` are the keys to serve under, new
    ones unless given.
    """
    known = (*load_all(), *map(load_persona, people))
    variant, soap_fault = _variant(soap), None
    if variant is not None and fault.startswith(_GATEWAY):
        soap_fault, fault = SoapFault.named(fault.removeprefix(_GATEWAY), "the gateway"), ""
    lie: AuthorizationFault | None = None
    if clerks is not None and fault.startswith(_AUTHORIZATION):
        lie, fault = AuthorizationFault.named(fault.removeprefix(_AUTHORIZATION), "the authorization server"), ""
    tls_fault: TlsFault | None = None
    if fault.startswith(TLS_FAULT):
        tls_fault, fault = TlsFault.named(fault.removeprefix(TLS_FAULT), "the TLS"), ""
    faulty, which = parse_fault(fault) if fault else (frozenset[str](), None)
    with ExitStack() as stack:
        listener = stack.enter_context(bind_loopback(port, host))
        storage = Storage(database_url)
        stack.callback(storage.close)
        storage.fill(known)
        HousingStorage(storage).fill(known)
        held = kept or new_keys()
        keys = {name: held.signing[name] for name in REGISTERS}
        faults = dict.fromkeys(faulty, which) if which is not None else {}
        enrolled = DevicesTogether({device.key_id: device for device in devices}, EnrolledDevices(storage.database))
        openers = {name: (held.opening[name],) for name in (*REGISTERS, PRESENCE)}
        named = f"[{host}]" if ":" in host else host
        origin = f"https://{named}:{front or listener.getsockname()[1]}"
        tls = SandboxTls(tls_fault, client_folder, held.authority)
        authorization, judge = None, None
        if clerks is not None:
            authorization = AuthorizationSandbox(
                origin, storage.engine, enrolled, tls.anchor, lie, tls.client_certificate
            )
            judge = authorization.judge
            clerks(authorization)
        services: list[Service] = []
        certifies: tuple[bytes, ...] = ()
        presence = None
        if believed := tuple(card_anchors):
            keys[PRESENCE] = held.signing[PRESENCE]
            presence = PresenceService(
                TrustMaterial.of(believed, card_lists),
                keys[PRESENCE],
                enrolled,
                presence_least or {},
                openers[PRESENCE],
                # What is in memory alone needs no turns of a server's.
                remembering=None if storage.database.in_memory else DatabasePages(DatabaseStore(storage.database)),
                trust_expires=card_trust_expires,
                card_is_valid=storage.card_is_valid,
            )
            services.append(presence)
        services += make_registers(storage, keys, enrolled, faults, openers, judge, presence=presence)
        if enrolment:
            keys[ENROLMENT] = held.signing[ENROLMENT]
            enrolling = EnrolmentService(EnrolledDevices(storage.database), keys[ENROLMENT])
            services.append(enrolling)
            certifies = (enrolling.authority.anchor,)
        gateway = _gateway(variant, storage, AreaCodes(known), soap_fault) if variant is not None else None
        workers = None
        if storage.database.workers:
            workers = stack.enter_context(ThreadPoolExecutor(storage.database.workers, "mock-registers-work"))
        app = make_app(services, origin, gateway, workers)
        if authorization is not None:
            authorization.add_to(app)
        server = LoopbackServer(app, listener, tls.server_context())
        server.start()
        stack.callback(server.stop)
        lists = tls.lists()
        endpoints = {
            name: RegisterEndpoint(
                name,
                f"{origin}/{name}",
                (tls.anchor,),
                (AnswerKey(key.key_id, key.spki),),
                seal_keys=tuple(SealKey(opener.key_id, opener.spki) for opener in openers.get(name, ())),
                certificate_anchors=certifies if name == ENROLMENT else (),
                tls_revocation=lists,
                client_certificate=tls.client_certificate,
            )
            for name, key in keys.items()
        }
        if gateway is not None:
            way = _way_to(gateway)
            endpoints["population"] = replace(
                endpoints["population"], base_url=origin + SOAP_PATH, answer_keys=(), gateway=way, seal_keys=()
            )
        yield tuple(endpoints.values())


def published_contract() -> str:
    """Return the OpenAPI contract of all that can be served, as it stands under ``docs/api``."""
    storage = Storage()
    try:
        keys = {name: SandboxKey() for name in REGISTERS}
        registers = make_registers(storage, keys, {}, {}, dict.fromkeys(REGISTERS, ()))
        enrolment = EnrolmentService(EnrolledDevices(storage.database), SandboxKey())
        presence = PresenceService(TrustMaterial(), SandboxKey(), {}, {})
        return contract_text((*registers, presence, enrolment))
    finally:
        storage.close()


def _variant(name: str) -> Variant | None:
    if name and name not in VARIANTS:
        raise ValueError(f"no such gateway; there are {', '.join(VARIANTS)}")
    return VARIANTS.get(name)


def _gateway(variant: Variant, storage: Storage, areas: AreaCodes, fault: SoapFault | None) -> SoapRegister:
    return SoapRegister(variant, secrets.token_hex(16), storage, areas, fault)


def _way_to(gateway: SoapRegister) -> SoapGateway:
    """Return what a desk must know of the gateway."""
    variant = gateway.variant
    dates = DateForm.ISO if variant.iso_dates else DateForm.COMPACT
    return SoapGateway(
        procedure_codes=tuple(PROCEDURES.items()),
        content_type=variant.media_type,
        request_date=dates,
        answer_date=dates,
        unit="G09.99" if variant.newer_elements else None,
        account="motcua" if variant.newer_elements else None,
        phone="0000000000" if variant.newer_elements else None,
        timestamp=variant.basic,
        basic=BasicLogin(USER, gateway.secret, AUTH_URL) if variant.basic else None,
        x_road_client=X_ROAD_CLIENT if variant.x_road else "",
        api_key=gateway.secret if variant.api_key else "",
        names=CodeNames(areas=tuple(gateway.areas.names.items())),
    )
