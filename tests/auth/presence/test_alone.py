"""The verifier as a register operator takes it: with its own needs and nothing else of this program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# What of this program a verifier brings with it, and whose packages it needs.
OURS = (
    "auth.presence",
    "auth.device_key",
    "auth.merkle",
    "auth.wire.endpoint",
    "auth.wire.server_time",
    "auth.wire.soap_gateway",
    "auth.wire.thumbprint",
    "reader.",
)
NEEDED = {"cryptography", "pydantic", "asn1crypto"}
NOT_NEEDED = ("httpx2", "http_message_signatures", "http_sf", "joserfc", "fastapi", "sqlalchemy", "PySide6", "typer")

PROGRAM = """
import sys
import auth.presence
found = sorted(sys.modules)
print("\\n".join(found))
"""


def loaded_by(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_it_is_taken_with_its_own_needs_only() -> None:
    modules = loaded_by(PROGRAM)
    house = ("auth", "desk", "gui", "mock_cards", "mock_registers")
    ours = {name for name in modules if name.partition(".")[0] in house}
    packages = {"auth", "auth.wire"}
    assert {name for name in ours - packages if not name.startswith(OURS)} == set()
    # Its log shares the tree with a desk's ledger, which stays with the desk.
    assert not any(name.startswith("auth.ledger") for name in modules)
    assert not {name.partition(".")[0] for name in modules} & set(NOT_NEEDED)
    assert not any(name.startswith(("reader.inspection", "reader.pcsc", "smartcard")) for name in modules)
    assert {name.partition(".")[0] for name in modules} >= NEEDED


def test_the_example_of_the_manual_runs_as_it_stands() -> None:
    manual = (ROOT / "docs" / "presence.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["refused", "document-refused"]
