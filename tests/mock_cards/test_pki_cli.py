"""``mock-cards pki`` as a tester runs it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from typer.testing import CliRunner

from mock_cards.cli import app
from reader.trust import Certificate, TrustMaterial

ORDER = ("--seed", "test", "--at", "2026-06-01", "--named")


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["pki", *arguments])


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_the_manifest_names_every_file_with_its_digest_and_key(tmp_path: Path) -> None:
    done = run("--out", str(tmp_path), *ORDER)
    assert done.exit_code == 0, done.output
    told = manifest(tmp_path)
    named = {one["file"] for one in told["files"]} | {one["key"] for one in told["files"] if one["key"]}
    assert named | {"manifest.json"} == {path.name for path in tmp_path.iterdir()}
    for one in told["files"]:
        assert hashlib.sha256((tmp_path / one["file"]).read_bytes()).hexdigest() == one["sha256"]
        assert one["about"]
        assert one["defects"] == []
    assert told["test"] is True
    assert [one["file"] for one in told["files"] if one["anchor"]] == [
        "csca.cer",
        "csca-new.cer",
        "csca-renamed.cer",
        "cvca.cvcert",
    ]


def test_private_keys_belong_to_their_certificates_and_to_nobody_else(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path), *ORDER).exit_code == 0
    for path in tmp_path.glob("*.p8"):
        assert path.stat().st_mode & 0o077 == 0
        load_der_private_key(path.read_bytes(), None)
    key = load_der_private_key((tmp_path / "ds.p8").read_bytes(), None).public_key()
    point = Certificate.parse((tmp_path / "ds.cer").read_bytes()).public_key()
    assert key.public_numbers().x == point.point.x


def test_defects_are_told_with_the_rule_they_break(tmp_path: Path) -> None:
    done = run(
        "--out", str(tmp_path), *ORDER, "--defect", "expired-ds", "--defect", "is-expired", "--defect", "ml-older"
    )
    assert done.exit_code == 0, done.output
    told = manifest(tmp_path)
    assert {one["file"]: one["defects"] for one in told["files"] if one["defects"]} == {
        "ds.cer": ["expired-ds"],
        "is.cvcert": ["is-expired"],
        "master-list.ml": ["ml-older"],
    }
    assert {one["name"] for one in told["defects"]} == {"expired-ds", "is-expired", "ml-older"}
    assert all(one["rule"] and one["about"] for one in told["defects"])


def test_an_exponent_of_one_has_no_key_file(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path), *ORDER, "--defect", "exponent-1").exit_code == 0
    entry = next(one for one in manifest(tmp_path)["files"] if one["file"] == "csca-second.cer")
    assert entry["key"] is None
    assert not (tmp_path / "csca-second.p8").exists()


def test_a_folder_of_it_is_a_trust_directory_that_says_test(tmp_path: Path) -> None:
    assert run("--out", str(tmp_path), *ORDER).exit_code == 0
    assert TrustMaterial.load_directory(tmp_path).anchors.has_test_anchor


def test_the_list_of_defects_is_for_people_and_for_programs() -> None:
    told = json.loads(run("--list", "--json").output)
    assert len(told) > 90
    assert {"expired-ds", "crl-expired", "ml-signature-broken", "dl-signer-unknown", "is-expired"} <= {
        one["name"] for one in told
    }
    assert "altered" in run("--list").output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--out"),
        (("--out", "x", "--defect", "no-such"), "no-such"),
        (("--out", "x", "--csca", "secp256k1"), "secp256k1"),
        (("--out", "x", "--csca", "rsa-100"), "512"),
        (("--out", "x", "--csca", "secp256r1/sha3"), "sha3"),
        (("--out", "x", "--at", "yesterday"), "2026-06-01"),
        (("--out", "x", "--named", "--defect", "altered-coefficient"), "explicit parameters"),
        (("--out", "x", "--terminal", "rsa-2048/sha384"), "sha384"),
    ],
)
def test_what_cannot_be_made_is_a_usage_error_that_says_why(
    arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert not (tmp_path / "x").exists()
