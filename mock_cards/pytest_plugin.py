"""The pytest plugin: emulated cards as fixtures, chosen by the mark ``card``; docs/tester.md teaches it.

Loaded wherever this project is installed, so it costs nothing until a test asks for a card: PC/SC of the process is
bound to a private service only where a test of the run wants ``pcsc_reader``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_cards.build import CardFactory
    from mock_cards.chip import ChipProfile
    from mock_cards.faults import Fault
    from mock_cards.forgeries import Forgery
    from mock_cards.orders import CardOrder
    from mock_cards.pcsc import PrivatePcscd, VirtualSlot
    from mock_cards.personas import Persona
    from mock_cards.testing import CardInHand, PcscReader

REQUIRE_VARIABLE = "MOTCUA_REQUIRE_PCSC"
_SEED = pytest.StashKey[str]()
_ORDER = "card_order"
_PCSC = "private_pcscd"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer a seed, on the command line and in the ini file."""
    about = "make the same emulated cards on every run; without it their keys are fresh"
    parser.getgroup("mock-cards").addoption("--card-seed", metavar="TEXT", help=about)
    parser.addini("card_seed", about, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Announce the mark and choose the seed."""
    config.addinivalue_line("markers", "card(persona, forgery, fault, chip, timing): which emulated cards a test gets")
    config.stash[_SEED] = config.getoption("card_seed") or config.getini("card_seed") or os.urandom(16).hex()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each card that its marks ask for; the nearest mark has the last word on each keyword."""
    marks = list(metafunc.definition.iter_markers("card"))
    if _ORDER not in metafunc.fixturenames or not marks:
        return
    from mock_cards.card_marks import name_of_order, orders_of

    wanted: dict[str, object] = {}
    for mark in reversed(marks):
        if mark.args:
            raise pytest.UsageError(f"{metafunc.definition.nodeid}: the mark card takes keywords only")
        wanted |= mark.kwargs
    try:
        orders = orders_of(wanted)
    except ValueError as wrong:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {wrong}") from None
    metafunc.parametrize(_ORDER, orders, indirect=True, ids=map(name_of_order, orders))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bind PC/SC of this process to a place of our own where any test wants a reader: it looks only once."""
    if any(_PCSC in getattr(item, "fixturenames", ()) for item in session.items):
        from mock_cards.pcsc.reservation import reserve

        reserve()


def pytest_unconfigure() -> None:
    """Take away the place where the private service was."""
    from mock_cards.pcsc.reservation import release

    release()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell the seed where a test that had a card failed."""
    failed = terminalreporter.stats.get("failed", []) + terminalreporter.stats.get("error", [])
    if any(_ORDER in getattr(report, "keywords", {}) for report in failed):
        terminalreporter.write_line(f"The emulated cards come again with --card-seed={config.stash[_SEED]}")


@pytest.fixture(scope="session")
def card_factory(request: pytest.FixtureRequest) -> CardFactory:
    """Return the issuer of this run's cards; they are issued once and put on as many chips as tests ask for."""
    from mock_cards.build import CardFactory

    return CardFactory(request.config.stash[_SEED])


@pytest.fixture
def card_order(request: pytest.FixtureRequest) -> CardOrder:
    """Return which card the test gets, by its marks; override this for cards of another kind."""
    from mock_cards.orders import CardOrder

    request.node.keywords[_ORDER] = True
    order: CardOrder = getattr(request, "param", None) or CardOrder()
    return order


@pytest.fixture
def persona(card_order: CardOrder) -> Persona:
    """Return the person whose card it is: what the chip holds, what the registers hold."""
    from mock_cards.personas import load_persona

    return load_persona(card_order.persona)


@pytest.fixture
def forgery(card_order: CardOrder) -> Forgery | None:
    """Return how the card is forged, with the checks that must fail and the decision; None where it is genuine."""
    from mock_cards.forgeries import forgery_by_name

    return forgery_by_name(_only("forgeries", card_order.forgeries)) if card_order.forgeries else None


@pytest.fixture
def fault(card_order: CardOrder) -> Fault | None:
    """Return what goes wrong with the card, with the checks that must fail and the decision; None for nothing."""
    from mock_cards.faults import fault_by_name

    return fault_by_name(_only("faults", card_order.faults)) if card_order.faults else None


@pytest.fixture
def chip_profile(card_order: CardOrder, persona: Persona) -> ChipProfile:
    """Return the kind of chip that the card has."""
    from mock_cards.build import profile_for
    from mock_cards.chip import profile_by_name
    from mock_cards.forgeries import forgery_by_name

    if card_order.chip:
        return profile_by_name(card_order.chip)
    return profile_for(persona, map(forgery_by_name, card_order.forgeries))


@pytest.fixture
def emulated_card(card_order: CardOrder, card_factory: CardFactory) -> Iterator[CardInHand]:
    """Return the card, powered on, in this process: a ``CardLink`` with what is printed on it and its anchors."""
    from mock_cards.testing import CardInHand

    card = CardInHand.made(card_order, card_factory)
    card.card.power_on()
    yield card
    card.card.power_off()


@pytest.fixture
def pcsc_reader(
    card_order: CardOrder,
    card_factory: CardFactory,
    private_pcscd: PrivatePcscd,
    virtual_slots: tuple[VirtualSlot, VirtualSlot],
) -> PcscReader:
    """Return a reader on a real PC/SC service with the card on it, found and powered.

    Skip where there can be no private service; fail there if ``MOTCUA_REQUIRE_PCSC=1``.
    """
    from mock_cards.testing import READER_NAMES, PcscReader

    reader = PcscReader(READER_NAMES[0], private_pcscd, virtual_slots[0], card_factory)
    reader.insert(card_order)
    return reader


@pytest.fixture(scope="session")
def private_pcscd() -> Iterator[PrivatePcscd]:
    """Run a pcscd with two virtual readers; skip where that is impossible, fail where MOTCUA_REQUIRE_PCSC=1."""
    from mock_cards.pcsc import PrivatePcscd
    from mock_cards.pcsc.reservation import reserve
    from reader.errors import ServiceUnavailable

    try:
        daemon = PrivatePcscd(directory=reserve())
    except ServiceUnavailable as error:
        if os.environ.get(REQUIRE_VARIABLE) == "1":
            pytest.fail(f"{REQUIRE_VARIABLE}=1, but {error}")
        pytest.skip(str(error))
    with daemon:
        yield daemon


@pytest.fixture(scope="session")
def _session_slots(private_pcscd: PrivatePcscd) -> tuple[VirtualSlot, VirtualSlot]:
    from mock_cards.pcsc import VirtualSlot

    return VirtualSlot(lambda: private_pcscd.connect(0)), VirtualSlot(lambda: private_pcscd.connect(1))


@pytest.fixture
def virtual_slots(_session_slots: tuple[VirtualSlot, VirtualSlot]) -> Iterator[tuple[VirtualSlot, VirtualSlot]]:
    """Return the two virtual readers of the service, empty; they are emptied again at the end."""
    yield _session_slots
    for slot in _session_slots:
        slot.remove()


def _only(kind: str, names: tuple[str, ...]) -> str:
    if len(names) > 1:
        pytest.fail(f"the card has several {kind}: see emulated_card.{kind}")
    return names[0]
