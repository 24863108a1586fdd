"""``mock-registers devices``: another program decides while the sandbox serves, and the next request feels it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from auth.device import SoftwareOpener, SoftwareSigner
from auth.device.messages import BeginRequest, key_to_text, opened_to_text
from auth.device.service import DeviceService, open_challenge
from auth.device_key import DeviceKey
from auth.errors import RegisterRefused
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import DeviceCredential, RegisterEndpoint
from mock_registers.cli import app
from mock_registers.sandbox import serve_registers


def devices(url: str, *arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["devices", arguments[0], "--database-url", url, *arguments[1:]])
    return ended.exit_code, ended.output


def ask_in(endpoint: RegisterEndpoint, signer: SoftwareSigner, opener: SoftwareOpener, counter: str) -> str:
    with DeviceService(endpoint, signer) as service:
        begun = service.begin(
            BeginRequest(
                signing=key_to_text(DeviceKey.from_pem(signer.public_pem())),
                opening=key_to_text(DeviceKey.from_der(opener.spki)),
                office="UBND",
                counter=counter,
                software="test",
            )
        )
        service.confirm(begun.device, opened_to_text(open_challenge(begun.challenge, opener)))
        return begun.device


def test_what_the_registrar_says_counts_from_the_next_request_on(tmp_path: Path, lookup: Lookup) -> None:
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as served:
        endpoints = {endpoint.register: endpoint for endpoint in served}
        signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
        device = ask_in(endpoints["enrolment"], signer, opener, "Quầy 1")
        client = PopulationClient(endpoints["population"], DeviceCredential(device, signer, opener))
        steps = (("approve", ""), ("suspend", "device-suspended"), ("resume", ""), ("revoke", "device-revoked"))
        for act, refusal in steps:
            code, said = devices(url, act, device)
            assert (code, device in said) == (0, True)
            if refusal:
                with pytest.raises(RegisterRefused, match=refusal):
                    client.find_citizen(lookup)
            else:
                assert client.find_citizen(lookup).record is not None
        client.close()
        code, said = devices(url, "wipe", device, "--export-ledger")
        assert (code, "wipe ordered" in said) == (0, True)


def test_the_list_shows_who_has_proven_both_keys_with_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as served:
        endpoints = {endpoint.register: endpoint for endpoint in served}
        numbers = [
            ask_in(endpoints["enrolment"], SoftwareSigner.generate(), SoftwareOpener.generate(), f"Quầy {number}")
            for number in (1, 2)
        ]
        with DeviceService(endpoints["enrolment"], (unproven := SoftwareSigner.generate())) as service:
            service.begin(
                BeginRequest(
                    signing=key_to_text(DeviceKey.from_pem(unproven.public_pem())),
                    opening=key_to_text(DeviceKey.from_der(SoftwareOpener.generate().spki)),
                    office="UBND",
                    counter="Quầy 3",
                    software="test",
                )
            )
        devices(url, "approve", numbers[1])
        told = json.loads(devices(url, "list", "--json")[1])
        assert [(one["device"], one["state"], one["counter"]) for one in told] == [
            (numbers[0], "pending", "Quầy 1"),
            (numbers[1], "active", "Quầy 2"),
        ]
        lines = devices(url, "list", "--state", "pending")[1].splitlines()
        assert len(lines) == 1
        assert told[0]["code"] in lines[0]


def test_what_cannot_be_done_ends_with_one_and_says_why(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as served:
        (endpoint,) = (endpoint for endpoint in served if endpoint.register == "enrolment")
        device = ask_in(endpoint, SoftwareSigner.generate(), SoftwareOpener.generate(), "Quầy 1")
        assert devices(url, "resume", device) == (1, "mock-registers: resume: not for a device that is pending\n")
        assert devices(url, "approve", "desk-none") == (1, "mock-registers: no such device\n")
    assert devices(f"sqlite:///{tmp_path}/absent/s.db", "list")[0] == 1
    assert devices("sqlite://", "list")[0] == 2


def test_an_unproven_device_is_neither_shown_nor_approved_by_mistake(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sandbox.db'}"
    with serve_registers([], database_url=url, enrolment=True) as served:
        (endpoint,) = (endpoint for endpoint in served if endpoint.register == "enrolment")
        signer = SoftwareSigner.generate()
        with DeviceService(endpoint, signer) as service:
            device = service.begin(
                BeginRequest(
                    signing=key_to_text(DeviceKey.from_pem(signer.public_pem())),
                    opening=key_to_text(DeviceKey.from_der(SoftwareOpener.generate().spki)),
                    office="UBND",
                    counter="Quầy 3",
                    software="test",
                )
            ).device
        code, said = devices(url, "approve", device)
        assert (code, said) == (1, "mock-registers: no such device\n")


def test_help_teaches_to_compare_the_code() -> None:
    said = " ".join(CliRunner().invoke(app, ["devices", "--help"]).output.split())
    assert "twelve digits" in said
    for act in ("list", "approve", "suspend", "resume", "revoke", "wipe"):
        assert act in said
