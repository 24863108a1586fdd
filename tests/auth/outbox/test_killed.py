"""Row L1: killed by SIGKILL at any line of queueing, sending, acknowledging and appending to the ledger.

A desk of its own is killed once, then started again until its work is done, against a real register over TLS that
counts effects. Whatever the line: nothing that was acknowledged is lost, nothing takes effect twice, and the ledger
verifies.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.ledger import LedgerReader, verify_ledger
from auth.outbox import Letter
from auth.wire.endpoint import DeviceCredential, SealKey
from auth.wire.envelope import SEALED_REQUEST, Inner, open_sealed, read_inner, seal, wrap
from auth.wire.signatures import HttpRequest
from mock_registers.keys import SandboxKey

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
CHILD = Path(__file__).parent / "child.py"
LETTERS = 3
IN_MAKE_TEST = 20
ALL = 200


@dataclass
class Desks:
    """Desks on one machine, and the register they speak to; ``effects`` are the keys that each look-up came under."""

    orders: dict[str, Any]
    program: subprocess.Popen[str]
    effects: dict[str, set[str]]
    letter_of: Callable[..., Letter]
    seal_key: SealKey

    def letters(self) -> list[dict[str, str]]:
        """Return new letters, sealed to the register, as orders."""
        made = []
        for number in range(LETTERS):
            letter = self.letter_of(f"H-{number % 2}")
            asked = {name: getattr(letter, name) for name in ("lookup_id", "purpose", "legal_basis")}
            plain = wrap(Inner(json.dumps(asked).encode()))
            sealed = seal(plain, SEALED_REQUEST, self.seal_key.key_id, self.seal_key.spki)
            made.append({name: getattr(letter, name) for name in Letter.__slots__} | {"sealed": sealed.decode()})
        return made

    def run(self, folder: Path, letters: list[dict[str, str]], kill_at: int) -> list[dict[str, Any]]:
        """Let a desk work in ``folder`` until it is done or killed; return what it said."""
        orders = {**self.orders, "folder": str(folder), "letters": letters, "kill_at": kill_at, "take": ["H-0", "H-1"]}
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(orders) + "\n")
        self.program.stdin.flush()
        said: list[dict[str, Any]] = []
        for line in self.program.stdout:
            said.append(json.loads(line))
            if said[-1]["what"] == "ended":
                break
        assert said, "the program that forks the desks is gone"
        assert said[-1]["status"] in ((-9, 0) if kill_at else (0,)), said
        return said


@pytest.fixture
def desks(
    raw_register, say, device: DeviceCredential, letter_of: Callable[..., Letter], register_opener: SoftwareOpener
) -> Iterator[Desks]:
    bodies: dict[str, bytes] = {}
    effects: dict[str, set[str]] = defaultdict(set)
    lock = threading.Lock()

    def answer(request: HttpRequest, key: SandboxKey) -> bytes:
        """Answer as the registers must: one effect for one key, and for the same bytes only."""
        name = request.headers["idempotency-key"]
        inner = read_inner(open_sealed(request.body, SEALED_REQUEST, {register_opener.key_id: register_opener}))
        with lock:
            if bodies.setdefault(name, request.body) != request.body:
                return b"HTTP/1.1 422 -\r\ncontent-length: 0\r\n\r\n"
            effects[json.loads(inner.request)["lookup_id"]].add(name)
        return say(request, key)

    register = raw_register(answer)
    (seal_key,) = register.endpoint.seal_keys
    orders = {
        "url": register.endpoint.base_url,
        "pems": [one.to_encrypted_pem(b"x").decode() for one in (device.signer, device.opener)],
        "anchor": base64.b64encode(register.endpoint.tls_anchors[0]).decode(),
        "answer_key": base64.b64encode(register.key.spki).decode(),
        "answer_key_id": register.key.key_id,
        "seal_key": base64.b64encode(seal_key.spki).decode(),
        "seal_key_id": seal_key.key_id,
    }
    with subprocess.Popen(
        [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        yield Desks(orders, program, effects, letter_of, seal_key)
        program.stdin.close()


def check(desks: Desks, folder: Path, letters: list[dict[str, str]], said: list[dict[str, Any]], signer: Any) -> None:
    """Hold what must be true whatever line it was killed at."""
    ids = [letter["lookup_id"] for letter in letters]
    acknowledged = {one["lookup"] for one in said if one["what"] == "queued"}
    taken = [one for one in said if one["what"] == "taken"]
    assert acknowledged == set(ids)
    assert {one["trouble"] for one in said if one["what"] == "trouble"} <= {""}, "a kill is no damage"
    assert all(one["answered"] for one in taken), said
    for lookup in ids:
        assert len(desks.effects[lookup]) == 1, "every look-up took effect, under one key"
        # Killed between the wiping and the word of it, a desk cannot say again what it handed over.
        assert sum(one["lookup"] == lookup for one in taken) <= 1
    with closing(LedgerReader(folder / "ledger.db")) as reader:
        key = DeviceKey.from_pem(signer.public_pem())
        report = verify_ledger(reader, {key.key_id: key.key}, key.key_id)
        kinds = Counter((said["kind"], said["lookup"]) for _, leaf in reader.leaves() for said in [json.loads(leaf)])
    assert report.holds, report.findings
    for lookup in ids:
        for kind in ("queued", "answered", "taken"):
            assert kinds[kind, lookup] == 1, "each act stands there once"
        assert kinds["sent", lookup] == kinds["not-answered", lookup] + 1


@pytest.mark.parametrize("points", [IN_MAKE_TEST, pytest.param(ALL, marks=pytest.mark.soak)])
def test_killed_at_any_line_nothing_is_lost_and_nothing_happens_twice(
    desks: Desks, tmp_path: Path, device: DeviceCredential, points: int
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    letters = desks.letters()
    said = desks.run(whole, letters, 0)
    check(desks, whole, letters, said, device.signer)
    assert sum(one["what"] == "taken" for one in said) == LETTERS
    (lines,) = [one["lines"] for one in said if one["what"] == "done"]
    assert lines > ALL
    for kill_at in sorted(random.Random(points).sample(range(1, lines), points)):
        folder = tmp_path / f"killed-{kill_at}"
        folder.mkdir()
        letters = desks.letters()
        said = desks.run(folder, letters, kill_at)
        assert said[-1]["status"] == -9
        told = {one["lookup"] for one in said if one["what"] == "queued"}
        # The clerk asks again what nobody acknowledged; what was, must be there without being asked.
        said += desks.run(folder, [one for one in letters if one["lookup_id"] not in told], 0)
        check(desks, folder, letters, said, device.signer)


def test_killed_again_and_again_it_still_comes_to_an_end(
    desks: Desks, tmp_path: Path, device: DeviceCredential
) -> None:
    letters = desks.letters()
    said: list[dict[str, Any]] = []
    draw = random.Random(7)
    for _ in range(12):
        told = {one["lookup"] for one in said if one["what"] == "queued"}
        said += desks.run(tmp_path, [one for one in letters if one["lookup_id"] not in told], draw.randrange(200, 1500))
    told = {one["lookup"] for one in said if one["what"] == "queued"}
    said += desks.run(tmp_path, [one for one in letters if one["lookup_id"] not in told], 0)
    check(desks, tmp_path, letters, said, device.signer)
