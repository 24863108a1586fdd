"""What the sandbox answers in a second: desks that sign and seal, over real TLS, asking about people all over.

The registers run in a process of their own, as ``mock-registers serve``; the desks, who verify what they get, in this
one. Both share the machine's cores.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from ssl import PEM_cert_to_DER_cert
from typing import Any

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.purposes import PURPOSES
from auth.registers import Lookup
from auth.registers.population import PopulationClient
from auth.wire import AnswerKey, DeviceCredential, RegisterEndpoint, SealKey
from benchmarks.figure import Figure
from benchmarks.population import KINDS, databases, filled
from mock_registers.filling import FillOrder, Invention
from reader.lds.identity import CalendarDate

ORDER = FillOrder(20_000, 40_000)
DESKS = 4
LOOKUPS = 600
GOAL_PER_S = 60


def figures(order: FillOrder = ORDER, lookups: int = LOOKUPS) -> list[Figure]:
    """Serve each database to a few desks that ask as fast as they are answered."""
    made = []
    for kind, name in KINDS.items():
        with databases(kind) as (url,):
            filled(url, order)
            rate = _rate(url, order, lookups)
        made.append(Figure(f"{name}: look-ups answered, {DESKS} desks", rate, "a second", GOAL_PER_S, at_least=True))
    return made


def _rate(url: str, order: FillOrder, lookups: int) -> float:
    signer, opener = SoftwareSigner.generate(), SoftwareOpener.generate()
    device = DeviceCredential("desk-1", signer, opener)
    invention = Invention(order)
    asked = [_lookup(invention, place * 7_919 % order.persons, place) for place in range(lookups)]
    with _serving(url, signer.public_pem() + opener.public_pem()) as endpoint:
        desks = [PopulationClient(endpoint, device) for _ in range(DESKS)]
        try:
            for desk in desks:
                # The connection is made before the clock runs, as at a desk that is at work.
                assert desk.find_citizen(_lookup(invention, 0, lookups)).record is not None
            begin = time.perf_counter()
            with ThreadPoolExecutor(DESKS) as pool:
                found = list(
                    pool.map(
                        lambda place: desks[place % DESKS].find_citizen(asked[place]).record is not None,
                        range(lookups),
                    )
                )
            seconds = time.perf_counter() - begin
        finally:
            for desk in desks:
                desk.close()
    assert all(found)
    return lookups / seconds


def _lookup(invention: Invention, number: int, visit: int) -> Lookup:
    person = invention.person(number)
    purpose = PURPOSES[0]
    return Lookup(
        lookup_id=f"visit-{visit}",
        personal_number=person.personal_number,
        full_name=person.full_name,
        date_of_birth=CalendarDate.from_iso(person.born.isoformat()),
        purpose=purpose.id,
        legal_basis=purpose.legal_basis,
        clerk="cb-001",
    )


@contextmanager
def _serving(url: str, public: bytes) -> Iterator[RegisterEndpoint]:
    """Run ``mock-registers serve`` and give the population register."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "device.pem"
        keys.write_bytes(public)
        command = [sys.executable, "-c", "from mock_registers.cli import main; main()", "serve"]
        # By the environment: what stands on a command line is for everybody to read.
        environment = {**os.environ, "MOCK_REGISTERS_DATABASE_URL": url}
        with subprocess.Popen(
            [*command, "--device", f"desk-1={keys}"], stdout=subprocess.PIPE, env=environment, text=True
        ) as serving:
            assert serving.stdout is not None
            try:
                yield _endpoint(json.loads(serving.stdout.readline())["registers"][0])
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
