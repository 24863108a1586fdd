"""Chip profiles as TOML: those shipped, one's own, and what no chip can be."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mock_cards.build import CardFactory
from mock_cards.chip import ProfileError, all_profiles, profile_by_name
from mock_cards.chip.profiles.model import ProfileFile
from mock_cards.protocols import Mapping

PUBLIC_NAMES = {"vietnam-2021", "vietnam-2024", "icao-extended", "icao-bac", "icao-pace"}


def test_the_names_that_are_public_are_there_and_each_says_what_it_is() -> None:
    names = {profile.name for profile in all_profiles()}
    assert names >= PUBLIC_NAMES
    assert all(profile.about for profile in all_profiles())
    assert len(names) == len(all_profiles())


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.name)
def test_a_chip_announces_extended_length_by_its_atr_and_its_buffers_in_a_file(profile) -> None:
    # Card capabilities, third byte, bit 7 (ISO/IEC 7816-4 §12.1.1.9; ICAO 9303-10 §3.6.4.1).
    assert bool(profile.atr[-2] & 0x40) is profile.extended
    assert bool(profile.atr_info) is profile.extended


def test_the_vietnamese_cards_are_as_they_were_seen() -> None:
    old, new = profile_by_name("vietnam-2021"), profile_by_name("vietnam-2024")
    assert not old.select_mf
    assert not old.extended
    assert not old.atr_info
    assert (new.max_command, new.max_response) == (1024, 2048)
    assert new.active_key is not None
    assert new.active_key.kind == 2048


def test_every_mapping_and_both_kinds_of_group_are_among_the_shipped_chips() -> None:
    options = [option for profile in all_profiles() for option in profile.pace]
    assert {option.mapping for option in options} == set(Mapping)
    assert {option.domain.parameter_id for option in options} >= {0, 1, 2, 8, 12, 13, 16, 18}


def test_the_example_of_the_documentation_names_every_key_and_is_a_profile(project_root: Path) -> None:
    file = project_root / "docs" / "chip-profile.toml"
    assert profile_by_name(str(file)).pace
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    missing = [key for key in _keys(ProfileFile) if not _is_there(table, key.split("."))]
    assert missing == []


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys = []
    for name, field in model.model_fields.items():
        keys.append(prefix + name)
        tables = [part for part in _parts(field.annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        for inner in tables:
            keys += _keys(inner, f"{prefix}{name}.")
    return keys


def _parts(annotation: Any) -> list[Any]:
    inside = getattr(annotation, "__args__", ())
    return [annotation, *(part for one in inside for part in _parts(one))]


def _is_there(table: Any, path: list[str]) -> bool:
    if not path:
        return True
    if isinstance(table, list):
        return bool(table) and _is_there(table[0], path)
    return path[0] in table and _is_there(table[path[0]], path[1:])


def _write(folder: Path, text: str) -> str:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_profile_of_ones_own_builds_a_card(tmp_path: Path, factory: CardFactory) -> None:
    name = _write(tmp_path, 'like = "icao-bac"\nabout = "mine"\n\n[reading]\nlongest = 100\n')
    card = factory.build("nguyen-van-mau", chip=name).card
    card.power_on()
    profile = profile_by_name(name)
    assert (profile.name, profile.about, profile.manners.longest_read) == ("own", "mine", 100)
    assert not profile.pace


def test_a_file_that_was_edited_makes_another_card(tmp_path: Path) -> None:
    factory = CardFactory("edited")
    text = 'like = "icao-bac"\nabout = "mine"\n\n[files]\nselect_mf = {}\n'
    first = factory.build("nguyen-van-mau", chip=_write(tmp_path, text.format("true"))).card
    second = factory.build("nguyen-van-mau", chip=_write(tmp_path, text.format("false"))).card
    assert first is not second
    assert first._image.profile != second._image.profile


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "about: Field required"),
        ('about = "x"\nunknown = 1', "unknown: Extra inputs are not permitted"),
        ('about = "x"\n[access]\nbac = "yes"', "access.bac: Input should be a valid boolean"),
        ('about = "x"\n[access]\nbac = false', "a chip has BAC or PACE"),
        ('about = "x"\n[access]\npace = [{ cipher = "DES", parameters = 13 }]', "access.pace.0.cipher"),
        ('about = "x"\n[access]\npace = [{ cipher = "AES-128", parameters = 7 }]', "parameters have the number 7"),
        (
            'about = "x"\n[access]\npace = [{ mapping = "integrated", cipher = "AES-128", parameters = 10 }]',
            "integrated mapping is not defined on that curve",
        ),
        (
            'about = "x"\n[access]\npace = [{ mapping = "chip-authentication", cipher = "AES-128", parameters = 13 }]',
            "chip authentication mapping needs a key",
        ),
        (
            'about = "x"\n[access]\npace = [{ mapping = "chip-authentication", cipher = "3DES", parameters = 13 }]',
            "chip authentication mapping is for curves and AES",
        ),
        (
            'about = "x"\n[chip_authentication]\nkeys = [{ cipher = "AES-128", parameters = 13 }, '
            '{ cipher = "AES-128", parameters = 12 }]',
            "a key_id of its own",
        ),
        ('about = "x"\n[active_authentication]\nkey = "rsa-512"', "an RSA key has 1024 to 4096 bits"),
        ('about = "x"\n[active_authentication]\nkey = "curve25519"', "no curve of the name curve25519"),
        ('about = "x"\n[terminal_authentication]\nenabled = true', "needs Chip Authentication"),
        ('like = "nothing"\nabout = "x"', "no profile of the name nothing"),
        ("about = ", "Invalid value"),
    ],
)
def test_what_no_chip_can_be_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProfileError) as error:
        profile_by_name(_write(tmp_path, text))
    assert said in str(error.value)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        profile_by_name(str(tmp_path / "none.toml"))
    with pytest.raises(KeyError):
        profile_by_name("../vietnam-2021")
    with pytest.raises(ProfileError, match="64 KiB"):
        profile_by_name(_write(tmp_path, "#" * 70_000))
