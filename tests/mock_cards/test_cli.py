"""The command mock-cards: names and keys that others rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asn1crypto import x509
from typer.testing import CliRunner

from mock_cards import cli, serve


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(cli.app, list(arguments))


def test_the_list_holds_the_keys_that_are_public(run) -> None:
    result = run("list", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert len(listed["personas"]) == 5
    assert len(listed["forgeries"]) == 12
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


def test_serving_hands_everything_on_and_writes_the_anchors(run, monkeypatch, tmp_path: Path) -> None:
    served = []

    def serve_nothing(*arguments: object) -> int:
        served.append(arguments)
        return 3

    monkeypatch.setattr(serve, "serve", serve_nothing)
    result = run(
        "serve", "--persona", "tran-minh-thu", "--forgery", "dg2-changed", "--fault", "slow-chip", "--port", "40000",
        "--chip", "icao-extended", "--timing", "contactless-424", "--trust", str(tmp_path),
    )  # fmt: skip
    assert result.exit_code == 3
    assert served == [
        ("tran-minh-thu", ("dg2-changed",), ("slow-chip",), "icao-extended", "contactless-424", "127.0.0.1", 40000)
    ]
    (anchor,) = tmp_path.iterdir()
    assert "TEST" in x509.Certificate.load(anchor.read_bytes()).subject.native["common_name"]
