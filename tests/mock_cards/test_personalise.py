"""People of one's own: what is wrong is said by field, reason and example; a number that could be real is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from mock_cards.build import CardFactory
from mock_cards.cli import app
from mock_cards.personas import EXAMPLE, PersonaInvalid, load_persona, read_persona
from mock_registers import open_register_sandbox
from reader.lds import cms_of_sod, parse_dg13
from reader.trust import AnchorStore


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    return file


def problems(tmp_path: Path, old: str, new: str) -> dict[str, tuple[str, str]]:
    """Return what is wrong with the example once ``old`` is ``new``: reason and example by field."""
    assert old in EXAMPLE
    file = tmp_path / "changed.toml"
    file.write_text(EXAMPLE.replace(old, new), encoding="utf-8")
    with pytest.raises(PersonaInvalid) as caught:
        read_persona(file)
    return {one.field: (one.reason, one.example) for one in caught.value.problems}


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["personalise", *arguments])


def test_the_example_is_a_person_with_every_optional_line_taken_in_too(own: Path) -> None:
    assert read_persona(own).card.full_name == "Trần Thị Thử"
    optional = [line for line in EXAMPLE.splitlines() if line.startswith("# ") and " = " in line]
    assert len(optional) >= 15
    own.write_text("\n".join(line.removeprefix("# ") if line in optional else line for line in EXAMPLE.splitlines()))
    assert read_persona(own).card.mother == "Lê Thị Cội"


@pytest.mark.parametrize(
    ("old", "new", "field", "word", "example"),
    [
        ('"099190000123"\nfull', '"001190000123"\nfull', "card.personal_number", "invented people only", "0991"),
        ('"099190000123"\nfull', '"0991900001"\nfull', "card.personal_number", "twelve digits", "0991"),
        (
            'date_of_birth = "1990-01-15"\nsex',
            'date_of_birth = "15/01/1990"\nsex',
            "card.date_of_birth",
            "YYYY-MM-DD",
            "1990-01-15",
        ),
        ('"2022-08-20"', '"2022-02-30"', "card.issue_date", "no such day", "2024-08-20"),
        ('"2022-08-20"', '"1989-08-20"', "card.issue_date", "before its holder was born", "2024"),
        ('"2030-01-15"', '"2022-01-15"', "card.expiry", "before it was made", "2030"),
        ('sex = "F"', 'sex = "X"', "card.sex", "M or F", '"F"'),
        ('"Trần Thị Thử"\ndate', '" "\ndate', "card.full_name", "no name", "Trần"),
        ("generation = 2021", "generation = 2019", "card.generation", "2021 or 2024", "2024"),
        ('portrait = "jpeg"', 'portrait = "png"', "card.portrait", "jpeg", "jpeg"),
        (
            'number = "099190000123", date',
            'number = "012345678", date',
            "parcels.1.holders.1.number",
            "invented people",
            "0991",
        ),
        ('map_sheet = "12"\n', "", "parcels.1.map_sheet", "missing", ""),
        ('map_sheet = "12"\n', 'map_sheet = "12"\nsheet = "12"\n', "parcels.1.sheet", "no such field", ""),
        ("[card]", "[kard]", "card", "missing", "--example"),
        ("about", "abut", "about", "missing", "moved"),
        ('sex = "F"', "sex = F", "file", "TOML", ""),
    ],
)
def test_each_error_names_field_reason_and_an_example(
    tmp_path: Path, old: str, new: str, field: str, word: str, example: str
) -> None:
    found = problems(tmp_path, old, new)
    assert word in found[field][0]
    assert example in found[field][1]


def test_a_real_looking_value_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "real.toml"
    file.write_text(EXAMPLE.replace("099190000123", "001190000123"), encoding="utf-8")
    done = run(str(file), "--check")
    assert done.exit_code == 2
    assert "001190000123" not in done.output
    assert "099" in done.output


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(PersonaInvalid, match="No such file"):
        read_persona(tmp_path / "nobody.toml")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 300_000)
    with pytest.raises(PersonaInvalid, match="longer than"):
        read_persona(large)
    with pytest.raises(KeyError):
        load_persona("nobody")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_person_or_an_error_that_says_why(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(raw)
    with pytest.raises(PersonaInvalid) as caught:
        read_persona(file)
    assert caught.value.problems


def test_the_card_is_written_with_its_anchor_and_what_is_printed_on_it(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "card"
    done = run(str(own), "--out", str(folder), "--seed", "test")
    assert done.exit_code == 0, done.output
    printed = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert printed["can"] == "000123"
    assert set(printed["files"]) == {"DG1", "DG2", "DG3", "DG13", "DG14", "DG15", "EF.COM", "EF.CardAccess", "EF.SOD"}
    assert {path.name for path in folder.iterdir()} == {*printed["files"], "card.json", "test-csca-0.cer"}
    assert parse_dg13((folder / "DG13").read_bytes()).full_name == "Trần Thị Thử"
    assert cms_of_sod((folder / "EF.SOD").read_bytes())
    assert AnchorStore.of([(folder / "test-csca-0.cer").read_bytes()]).has_test_anchor


def test_the_command_says_what_it_wants(own: Path) -> None:
    assert run("--example").output == EXAMPLE
    assert run(str(own), "--check").exit_code == 0
    assert run(str(own)).exit_code == 2
    assert run().exit_code == 2
    assert run(str(own), "--out", "x", "--chip", "none-such").exit_code == 2


def test_a_file_stands_wherever_a_name_does(own: Path) -> None:
    built = CardFactory("own").build(str(own), ("dg2-changed",))
    assert built.personal_number == "099190000123"
    with open_register_sandbox(people=[str(own)]) as sandbox:
        assert sandbox.endpoints
    own.write_text("about = 1")
    with pytest.raises(ValueError, match="card"), open_register_sandbox(people=[str(own)]):
        pass
