"""Desks at work, for whatever puts load on the sandbox: enrolled, clerks signed in, cards that proved themselves."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import Any

from auth.clerk.desk_clerk import DeskClerk
from auth.clerk.endpoint import AuthorizationEndpoint
from auth.clerk.server import AuthorizationClient
from auth.clerk.ways import by_browser
from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.presence import ChallengeWish, ChipSession, DocumentFiles, PresenceProver, Subject, commit, hold_receipt
from auth.presence.wire import write_member
from auth.purposes import shipped_registry
from auth.registers import Lookup
from auth.registers.housing import HousingClient
from auth.registers.land import LandClient
from auth.registers.population import PopulationClient
from auth.registers.presence import PRESENCE, PresenceClient, issuers_of
from auth.registers.proofs import Worded
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from mock_cards.build import CardFactory, default_profile
from mock_cards.personas import load_all, load_persona
from mock_registers.authorization.browser import SandboxBrowser
from mock_registers.authorization.clerks import Clerk, ClerkLogin
from reader.access import Can, open_channel
from reader.files import FileId, read_file
from reader.lds.identity import CalendarDate

__all__ = ["Card", "Desk", "Question", "cards", "desks_at_work"]

# A purpose that asks all three registers.
PURPOSE = "land-change-registration"
CHIP, TEST_PROVINCE, EXPIRED = "vietnam-2021", "099", "ta-van-het-han"

Question = Callable[[], bool]
"""Ask one register, with the proof that the card made; true where the register's receipt says that it took it."""


@dataclass(frozen=True, slots=True)
class Card:
    """Hold one persona's card on an emulated chip, and what is read from it before it proves itself."""

    persona: str
    factory: CardFactory

    def prove(self, desk: Desk) -> list[Question]:
        """Put the card on the reader, have it prove itself for a look-up in each register, and return the questions."""
        built = self.factory.build(self.persona, chip=CHIP)
        built.card.power_on()
        channel = open_channel(built.card, (Can.from_personal_number(built.personal_number),)).link
        sod, dg14, dg15, dg1 = (
            read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15, FileId.DG1)
        )
        files, lookup = DocumentFiles(sod, dg14, dg15), self._lookup(desk.clerk_id)
        asked = {"population": desk.population, "land": desk.land, "housing": desk.housing}
        requests = {name: client.word(lookup) for name, client in asked.items()}
        wish = ChallengeWish(commit(requests), files)
        offer = desk.presence.challenge(wish, lookup.purpose, lookup.clerk)
        session = ChipSession(built.card, channel)
        proof = PresenceProver(session, files, wish.commitment, desk.issuers, desk.device_id).prove(offer)
        member = write_member(proof, Subject(dg1, lookup.personal_number))
        population = desk.population.carrying(Worded(requests["population"], member))
        land = desk.land.carrying(Worded(requests["land"], member))
        housing = desk.housing.carrying(Worded(requests["housing"], member))

        def proven(register: str, receipt: str) -> bool:
            """Hold the receipt, as the desk does, and tell whether the register took the proof."""
            ours = desk.device_id, desk.key_id
            return hold_receipt(receipt, proof, requests[register], register, ours, desk.issuers).accepted

        return [
            lambda: proven("population", population.find_citizen(lookup).receipt),
            lambda: proven("land", land.find_holdings(lookup).receipt),
            lambda: proven("housing", housing.find_dwellings(lookup).receipt),
        ]

    def _lookup(self, clerk_id: str) -> Lookup:
        card = load_persona(self.persona).card
        return Lookup(
            lookup_id=str(uuid.uuid4()),
            personal_number=card.personal_number,
            full_name=card.full_name,
            date_of_birth=CalendarDate.from_iso(card.date_of_birth),
            purpose=PURPOSE,
            legal_basis=shipped_registry().purpose(PURPOSE).legal_basis,
            clerk=clerk_id,
            old_number=card.old_number,
        )


def cards(factory: CardFactory) -> tuple[Card, ...]:
    """Return the cards of all the sandbox's citizens whose chips have Chip Authentication, but for the expired one."""
    return tuple(
        Card(persona.name, factory)
        for persona in load_all()
        if default_profile(persona).name == CHIP and persona.card.personal_number.startswith(TEST_PROVINCE)
        if persona.name != EXPIRED
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold one desk with a clerk at it, and its clients by register."""

    device_id: str
    key_id: str
    clerk_id: str
    population: PopulationClient
    land: LandClient
    housing: HousingClient
    presence: PresenceClient
    issuers: Any

    def close(self) -> None:
        """Break off what is under way."""
        for client in (self.population, self.land, self.housing, self.presence):
            client.close()


@contextmanager
def desks_at_work(url: str, number: int, anchors: tuple[bytes, ...]) -> Iterator[tuple[list[Desk], int]]:
    """Run ``mock-registers serve`` over a database, with everything on; give desks with clerks, and its process id."""
    credentials = [
        DeviceCredential(f"desk-{place}", SoftwareSigner.generate(), SoftwareOpener.generate())
        for place in range(number)
    ]
    with ExitStack() as stack:
        told, process = stack.enter_context(_serving(url, credentials, anchors))
        yield [_desk(stack, told, credential) for credential in credentials], process


def _desk(stack: ExitStack, told: dict[str, Any], device: DeviceCredential) -> Desk:
    endpoints = {one["register"]: _endpoint(one) for one in told["registers"]}
    clerk, login = _sign_in(stack, told, device)
    desk = Desk(
        device.device_id,
        device.signer.key_id,
        login.clerk.clerk_id,
        PopulationClient(endpoints["population"], device, clerk=clerk),
        LandClient(endpoints["land"], device, clerk=clerk),
        HousingClient(endpoints["housing"], device, clerk=clerk),
        PresenceClient(endpoints[PRESENCE], device),
        issuers_of(endpoints[PRESENCE]),
    )
    stack.callback(desk.close)
    return desk


def _sign_in(stack: ExitStack, told: dict[str, Any], device: DeviceCredential) -> tuple[DeskClerk, ClerkLogin]:
    where = told["authorization"]
    endpoint = AuthorizationEndpoint(where["issuer"], tuple(PEM_cert_to_DER_cert(pem) for pem in where["tls_anchors"]))
    one = told["clerks"][0]
    whose = Clerk(one["id"], one["name"], tuple(one["roles"]))
    login = ClerkLogin(whose, one["password"], base64.b32decode(one["otp_secret"]))
    client = AuthorizationClient(endpoint, device)
    stack.callback(client.close)
    clerk = DeskClerk(client)
    clerk.sign_in(by_browser(SandboxBrowser(endpoint.tls_anchors[0], login), seconds=30))
    return clerk, login


@contextmanager
def _serving(
    url: str, devices: list[DeviceCredential], anchors: tuple[bytes, ...]
) -> Iterator[tuple[dict[str, Any], int]]:
    """Run the command; give what it says of itself, and its process id."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from mock_registers.cli import main; main()", "serve", "--clerks"]
        for device in devices:
            keys = Path(folder) / f"{device.device_id}.pem"
            keys.write_bytes(device.signer.public_pem() + device.opener.public_pem())
            command += ["--device", f"{device.device_id}={keys}"]
        for number, anchor in enumerate(anchors):
            file = Path(folder) / f"{number}.der"
            file.write_bytes(anchor)
            command += ["--card-anchor", str(file)]
        # By the environment: what stands on a command line is for everybody to read.
        environment = {**os.environ, "MOCK_REGISTERS_DATABASE_URL": url}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as serving:
            assert serving.stdout is not None
            try:
                yield json.loads(serving.stdout.readline()), serving.pid
            finally:
                serving.terminate()


def _endpoint(told: dict[str, Any]) -> RegisterEndpoint:
    return RegisterEndpoint(
        told["register"],
        told["base_url"],
        tuple(PEM_cert_to_DER_cert(pem) for pem in told["tls_anchors"]),
        tuple(AnswerKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["answer_keys"]),
        seal_keys=tuple(SealKey(key["key_id"], base64.b64decode(key["spki"])) for key in told["seal_keys"]),
    )
