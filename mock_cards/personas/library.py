"""The people there are: the shipped ones by name, those of one's own by the path of their file."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path

from mock_cards.personas.model import Persona
from mock_cards.personas.own import read_persona

__all__ = ["SAMPLE", "load_all", "load_persona", "load_sample"]

SAMPLE = ("h-mut-nie-kcor", "le-thi-hoa-thu", "nguyen-van-mau", "pham-thi-mau", "tran-minh-thu")
"""Both generations, sexes and portrait formats, a child, no expiry, minority letters: for what is tried with many."""


def load_persona(name: str) -> Persona:
    """Return the persona ``name``, which is a shipped one or the path of a .toml file of one's own.

    Raise KeyError where there is none, PersonaInvalid for a file that is no person.
    """
    if name.endswith(".toml"):
        return read_persona(Path(name))
    if not name.replace("-", "").isalnum():
        raise KeyError(name)
    file = resources.files(__package__).joinpath(f"{name}.toml")
    if not file.is_file():
        raise KeyError(name)
    return _parse(name, file.read_text(encoding="utf-8"))


def load_all() -> tuple[Persona, ...]:
    """Return every persona, by name."""
    files = [file for file in resources.files(__package__).iterdir() if file.name.endswith(".toml")]
    personas = [_parse(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(personas, key=lambda persona: persona.name))


def load_sample() -> tuple[Persona, ...]:
    """Return the few that tests with many cases take."""
    return tuple(load_persona(name) for name in SAMPLE)


# Every sandbox that opens wants all of them, and they change no more than the package does.
@lru_cache(maxsize=128)
def _parse(name: str, text: str) -> Persona:
    return Persona.model_validate({"name": name, **tomllib.loads(text)})
