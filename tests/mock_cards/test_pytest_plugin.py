"""The pytest plugin as others use it: in projects of their own, each run in a process of its own."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_cards.build import CardFactory
from mock_cards.card_marks import name_of_order, orders_of
from mock_cards.forgeries import FORGERIES
from mock_cards.personas import load_all

Run = Callable[..., subprocess.CompletedProcess[str]]
FINGERPRINT = """
import hashlib

def test_card(emulated_card):
    files = b"".join(file.content for file in emulated_card.card.chip()._image.application)
    print("card", hashlib.sha256(files).hexdigest())
    print("nonce", emulated_card.transmit(bytes.fromhex("0022C1A40F800A04007F00070202040202830102")).sw)
"""


def run_pytest(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a project; what this run knows of PC/SC and of cards is not handed down."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PCSCLITE"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(directory), *arguments],
        cwd=directory,
        env={**inherited, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1000,
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a test file in a project of its own."""

    def run(source: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers --strict-config -s\n")
        (tmp_path / "test_it.py").write_text(source)
        return run_pytest(tmp_path, *arguments, **environment)

    return run


@pytest.mark.pcsc
@pytest.mark.timeout(300)
def test_the_example_project_passes(private_pcscd: object, project_root: Path) -> None:
    # Of personas and forgeries a few; all of them in the long run.
    _run_example(project_root, at_least=12, only="not (every_forgery or genuine) or dg2 or le-thi-hoa-thu")


@pytest.mark.soak
@pytest.mark.pcsc
@pytest.mark.timeout(1200)
def test_the_whole_example_project_passes(private_pcscd: object, project_root: Path) -> None:
    _run_example(project_root, at_least=len(FORGERIES))


def _run_example(project_root: Path, *, at_least: int, only: str = "") -> None:
    ran = run_pytest(project_root / "docs" / "example-project", "-k", only)
    assert ran.returncode == 0, ran.stdout
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) >= at_least
    assert "skipped" not in ran.stdout


def test_marks_choose_the_cards_and_the_nearest_has_the_last_word(run: Run) -> None:
    ran = run(
        """
import pytest

pytestmark = pytest.mark.card(persona="pham-thi-mau")

@pytest.mark.card(forgery=["", "dg2-changed", "dg2-changed,dg15-suppressed"])
def test_it(emulated_card, persona, chip_profile):
    assert persona.name == "pham-thi-mau"
    assert emulated_card.personal_number == persona.card.personal_number
    assert emulated_card.atr == chip_profile.atr

@pytest.mark.card(persona=["tran-minh-thu"], chip=["icao-pace", "icao-bac"], fault="slow-chip")
def test_other(forgery, fault, chip_profile):
    assert forgery is None and fault.name == "slow-chip" and chip_profile.name.startswith("icao")

def test_forged(card_order, forgery):
    assert card_order.persona == "pham-thi-mau" and not forgery
""",
        "-vv",
    )
    assert ran.returncode == 0, ran.stdout
    assert re.findall(r"::(\S+) PASSED", ran.stdout) == [
        "test_it[pham-thi-mau]",
        "test_it[pham-thi-mau-dg2-changed]",
        "test_it[pham-thi-mau-dg2-changed,dg15-suppressed]",
        "test_other[tran-minh-thu-slow-chip-icao-pace]",
        "test_other[tran-minh-thu-slow-chip-icao-bac]",
        "test_forged[pham-thi-mau]",
    ]


def test_a_mark_that_asks_for_what_is_not_there_ends_the_collection(run: Run) -> None:
    ran = run("import pytest\n@pytest.mark.card(persona='nobody')\ndef test_it(emulated_card): pass\n")
    assert ran.returncode not in (0, 1)
    assert "there is no persona 'nobody'" in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"persona": "nobody"}, "no persona 'nobody'"),
        ({"forgery": ["dg2-changed", "perfect"]}, "no forgery 'perfect'"),
        ({"fault": "status:67"}, "status"),
        ({"chip": []}, "chip of the mark card"),
        ({"timing": 1}, "timing of the mark card"),
        ({"colour": "red"}, "no 'colour'"),
    ],
)
def test_what_a_mark_cannot_ask_for_is_named(wanted: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        orders_of(wanted)


def test_all_means_every_one_there_is_and_orders_have_names_of_their_own() -> None:
    orders = orders_of({"persona": "all", "forgery": "all"})
    assert len(orders) == len(load_all()) * len(FORGERIES)
    assert len({name_of_order(order) for order in orders}) == len(orders)


def test_a_seed_brings_the_same_cards(run: Run) -> None:
    ran = run(FINGERPRINT, "--card-seed", "one")
    assert f"card {_fingerprint('one')}" in ran.stdout


def test_without_a_seed_cards_are_fresh_and_a_failure_tells_what_brings_them_again(run: Run) -> None:
    ran = run(FINGERPRINT + "    assert False\n\ndef test_no_card(): assert False\n")
    (seed,) = re.findall(r"--card-seed=(\w{32})", ran.stdout)
    assert f"card {_fingerprint(seed)}" in ran.stdout
    assert _fingerprint(seed) != _fingerprint("one")


def _fingerprint(seed: str) -> str:
    chip = CardFactory(seed).build("nguyen-van-mau").card
    return hashlib.sha256(b"".join(file.content for file in chip._image.application)).hexdigest()


def test_pc_sc_is_left_alone_where_no_test_wants_a_reader(run: Run) -> None:
    ran = run(
        'import os, sys\ndef test_it(): assert os.environ["PCSCLITE_CSOCK_NAME"] == "own"\n'
        'def test_nothing_was_loaded(): assert "mock_cards.build" not in sys.modules\n',
        PCSCLITE_CSOCK_NAME="own",
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize(("required", "outcome"), [("", "1 skipped"), ("1", "1 error")])
def test_without_pcscd_tests_over_pc_sc_skip_or_fail_as_told(
    run: Run, tmp_path: Path, required: str, outcome: str
) -> None:
    ran = run("def test_it(pcsc_reader): pass\n", MOTCUA_PCSC_ROOT=str(tmp_path), MOTCUA_REQUIRE_PCSC=required)
    assert outcome in ran.stdout
