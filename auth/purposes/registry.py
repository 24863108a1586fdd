"""The registry of purposes: a TOML file, shipped or an office's own, read strictly; with its version and its hash."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from auth.purposes.model import BasisKind, Purpose, RegisterUse, StepUp, Way, Wording
from auth.purposes.vocabulary import FIELDS, IDENTITY_QUESTIONS, WAYS_OF, is_question
from reader.bounded_file import read_bounded_file
from reader.errors import DataError

__all__ = ["PurposeRegistry", "load_registry", "parse_registry", "shipped_registry"]

MAX_BYTES = 500_000
MAX_PURPOSES = 200
_DAY_S = 86_400
_REGISTER = re.compile(r"[a-z][a-z0-9-]{0,29}")

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")]
Ids = Annotated[tuple[str, ...], Field(max_length=40)]


@dataclass(frozen=True, slots=True)
class PurposeRegistry:
    """Hold the purposes of one desk; ``sha256`` is over all that they say, whichever file it came from."""

    version: str
    purposes: tuple[Purpose, ...]

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the purposes as JSON, keys in order, no blanks, ASCII; in hexadecimal."""
        told = [asdict(purpose) for purpose in self.purposes]
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()

    def purpose(self, id: str) -> Purpose:
        """Return the purpose ``id``; raise KeyError where there is none."""
        for known in self.purposes:
            if known.id == id:
                return known
        raise KeyError(id)

    def knows(self, id: str) -> bool:
        """Tell whether there is a purpose ``id``."""
        return any(known.id == id for known in self.purposes)

    def allows(self, id: str, register: str) -> bool:
        """Tell whether the purpose ``id`` exists and may ask ``register``: what it needs not, it does not ask."""
        return any(known.id == id and register in known.registers for known in self.purposes)


@cache
def shipped_registry() -> PurposeRegistry:
    """Return the registry that comes with the program."""
    return parse_registry((files("auth.purposes") / "registry.toml").read_bytes())


def load_registry(file: Path) -> PurposeRegistry:
    """Return an office's own registry; raise DataError for a file that cannot be read or says something unknown."""
    return parse_registry(read_bounded_file(file, MAX_BYTES))


def parse_registry(data: bytes) -> PurposeRegistry:
    """Return the registry that ``data`` holds as TOML; raise DataError, which names the entry that is wrong.

    With ``extends = "shipped"`` the shipped purposes come first and one of the same id is replaced; without it only
    those of the file are left.
    """
    said = _try_parse(data)
    if isinstance(said, str):
        raise DataError(f"purposes: {said}")
    own = {entry.id: entry.purpose() for entry in said.purpose}
    if said.extends is None:
        return PurposeRegistry(said.version, tuple(own.values()))
    shipped = shipped_registry()
    merged = {known.id: known for known in shipped.purposes} | own
    return PurposeRegistry(f"{shipped.version}+{said.version}", tuple(merged.values()))


def _try_parse(data: bytes) -> _Registry | str:
    """Return the entries, or where they are wrong: an exception would carry the file as its context."""
    if len(data) > MAX_BYTES:
        return "too large"
    try:
        return _Registry.model_validate(tomllib.loads(data.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return "not TOML"
    except ValidationError as error:
        places = {tuple(map(str, problem["loc"])) for problem in error.errors()}
        # A list whose entry is wrong is said to be too short as well; only the entry is of use to whoever reads this.
        inmost = (place for place in places if not any(place == other[: len(place)] for other in places - {place}))
        return ", ".join(sorted(".".join(place) or "file" for place in inmost))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Names(_Entry):
    vi: Line
    en: Line


class _Words(_Entry):
    what_for: Sentence
    refusal: Sentence


class _Wording(_Entry):
    version: Version
    vi: _Words
    en: _Words


class _StepUp(_Entry):
    max_age_s: Annotated[int, Field(ge=30, le=_DAY_S)]
    acr: Line


class _Use(_Entry):
    fields: Ids = ()
    questions: Ids = ()
    ways: Annotated[tuple[Way, ...], Field(max_length=2)] = ()
    name: _Names | None = None
    words: Annotated[dict[str, _Names], Field(max_length=40)] = {}

    def use(self, register: str) -> RegisterUse:
        return RegisterUse(
            register,
            self.fields,
            self.questions,
            self.ways,
            (self.name.vi, self.name.en) if self.name is not None else None,
            tuple((field, (words.vi, words.en)) for field, words in self.words.items()),
        )

    @field_validator("questions")
    @classmethod
    def _of_one_citizen(cls, questions: tuple[str, ...]) -> tuple[str, ...]:
        if questions and not set(IDENTITY_QUESTIONS) <= set(questions):
            raise ValueError("questions about nobody in particular")
        if not all(map(is_question, questions)):
            raise ValueError("no such question")
        return questions

    @field_validator("fields", "questions", "ways")
    @classmethod
    def _named_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError("named twice")
        return names


class _Purpose(_Entry):
    id: Id
    name: _Names
    legal_basis: Line
    basis: BasisKind
    keep_days: Annotated[int, Field(ge=0, le=36_525)]
    asks: Annotated[dict[str, _Use], Field(min_length=1)]
    wording: _Wording
    step_up: _StepUp | None = None

    @field_validator("asks")
    @classmethod
    def _known(cls, asks: dict[str, _Use]) -> dict[str, _Use]:
        for register, use in asks.items():
            if not (_is_known(register, use) or _brings_words(register, use)):
                raise ValueError("no such register or field")
            if use.questions and register != "population":
                raise ValueError("only the population register answers questions")
            if not use.fields and not use.questions:
                raise ValueError("nothing is asked")
            if register in FIELDS and bool(use.ways) is not (register in WAYS_OF):
                raise ValueError("ways are for a register that has several, and it needs one")
        return asks

    @model_validator(mode="after")
    def _questions_come_first(self) -> _Purpose:
        # Data of another register rest on the yes of the population register, so that one must be asked at all.
        if "population" not in self.asks:
            raise ValueError("nobody says who the citizen is")
        return self

    def purpose(self) -> Purpose:
        wording = self.wording
        return Purpose(
            id=self.id,
            name_vi=self.name.vi,
            name_en=self.name.en,
            legal_basis=self.legal_basis,
            basis=self.basis,
            uses=tuple(use.use(register) for register, use in self.asks.items()),
            keep_days=self.keep_days,
            wording_version=wording.version,
            wording_vi=Wording(wording.vi.what_for, wording.vi.refusal),
            wording_en=Wording(wording.en.what_for, wording.en.refusal),
            step_up=StepUp(self.step_up.max_age_s, self.step_up.acr) if self.step_up else None,
        )


def _is_known(register: str, use: _Use) -> bool:
    return register in FIELDS and set(use.fields) <= set(FIELDS[register]) and use.name is None and not use.words


def _brings_words(register: str, use: _Use) -> bool:
    """Tell whether a register that is installed besides ours comes with all the words that a citizen needs."""
    fits = register not in FIELDS and _REGISTER.fullmatch(register) is not None
    return fits and use.name is not None and set(use.words) == set(use.fields)


class _Registry(_Entry):
    version: Version
    extends: Literal["shipped"] | None = None
    purpose: Annotated[tuple[_Purpose, ...], Field(min_length=1, max_length=MAX_PURPOSES)]

    @field_validator("purpose")
    @classmethod
    def _each_once(cls, purposes: tuple[_Purpose, ...]) -> tuple[_Purpose, ...]:
        if len({entry.id for entry in purposes}) != len(purposes):
            raise ValueError("a purpose twice")
        return purposes
