"""The command mock-cards: names and keys that others rely on."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mock_cards import cli, serve
from mock_cards.orders import CardOrder


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(cli.app, list(arguments))


def test_the_list_holds_the_keys_that_are_public(run) -> None:
    result = run("list", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert len(listed["personas"]) >= 30
    assert len(listed["forgeries"]) >= 100
    assert all(entry["name"] for group in ("personas", "chips") for entry in listed[group])
    for entry in listed["forgeries"] + listed["faults"]:
        assert {"name", "fails", "decision"} <= entry.keys()
        assert isinstance(entry["fails"], list)


def test_the_list_for_people_names_everything(run) -> None:
    result = run("list")
    assert result.exit_code == 0
    for name in ("nguyen-van-mau", "csca-self-made", "lost-field", "vietnam-2021"):
        assert name in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "::"),
        ("--host", "192.0.2.1"),
        ("--host", "example.org"),
        ("--persona", "nobody"),
        ("--forgery", "perfect"),
        ("--fault", "fire"),
        ("--fault", "status:67"),
        ("--fault", "status:6700@soon"),
        ("--chip", "vietnam-1999"),
        ("--timing", "warp"),
        ("--no-such-option",),
    ],
)
def test_wrong_usage_ends_with_2(run, arguments: tuple[str, ...]) -> None:
    assert run("serve", *arguments).exit_code == 2


@pytest.mark.parametrize(
    "slot",
    ["x:persona=pham-thi-mau", "2:person=x", "2:persona=nobody", "17:persona=pham-thi-mau", "0:", "2:replay=/no"],
)
def test_a_slot_that_cannot_be_ends_with_2(run, slot: str) -> None:
    assert run("serve", "--slot", slot).exit_code == 2


@pytest.mark.parametrize("readers", ["17", "100000"])
def test_more_readers_than_pcsc_has_room_for_end_with_2(run, readers: str) -> None:
    assert run("serve", "--readers", readers).exit_code == 2


def test_serving_hands_everything_on(run, monkeypatch, tmp_path: Path) -> None:
    served = []

    def serve_nothing(orders: object, **options: object) -> int:
        served.append((orders, options))
        return 3

    monkeypatch.setattr(serve, "serve", serve_nothing)
    result = run(
        "serve", "--persona", "tran-minh-thu", "--forgery", "dg2-changed", "--fault", "slow-chip", "--port", "40000",
        "--chip", "icao-extended", "--timing", "contactless-424", "--trust", str(tmp_path), "--seed", "a seed",
        "--slot", "3:persona=pham-thi-mau,chip=icao-pace", "--readers", "4", "--record", str(tmp_path / "kept"),
        "--log", "--terminals", str(tmp_path / "terminals"),
    )  # fmt: skip
    assert result.exit_code == 3
    first = CardOrder("tran-minh-thu", ("dg2-changed",), ("slow-chip",), "icao-extended", "contactless-424")
    ((orders, options),) = served
    assert orders == {1: first, 3: CardOrder("pham-thi-mau", chip="icao-pace")}
    assert options == {
        "readers": 4,
        "seed": "a seed",
        "record": tmp_path / "kept",
        "trust": tmp_path,
        "terminals": tmp_path / "terminals",
        "log": True,
        "host": "127.0.0.1",
        "port": 40000,
    }


def test_the_first_reader_may_be_empty_and_the_last_word_on_a_slot_counts(run, monkeypatch) -> None:
    served = []
    monkeypatch.setattr(serve, "serve", lambda orders, **_: served.append(orders) or 0)
    assert run("serve", "--slot", "1:empty").exit_code == 0
    assert run("serve", "--slot", "1:chip=icao-pace", "--slot", "2:", "--slot", "2:empty").exit_code == 0
    assert served == [{}, {1: CardOrder(chip="icao-pace")}]


def test_without_a_service_the_commands_end_with_3(run, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PCSCLITE_CSOCK_NAME")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for command in (("insert",), ("remove",), ("swap",), ("list-slots",), ("status",), ("record", "x")):
        result = run(*command)
        assert result.exit_code == 3, command
        assert "no mock-cards serve is running" in result.stderr


def test_the_program_says_which_version_it_is(run) -> None:
    assert run("--version").stdout == f"mock-cards {version('motcua')}\n"
