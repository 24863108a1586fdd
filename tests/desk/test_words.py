"""No code without words, no words without both languages, no placeholder left open."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

import auth
import desk
import reader
from auth.distribution.intake import OLDER, TEST_CERTIFICATE
from auth.distribution.kinds import Action, FreshnessLevel, ObjectKind
from auth.ledger.audit import Fault
from auth.purposes import PURPOSES
from auth.registers.ports import CardStatus
from desk.failures import failure_codes, failure_text
from desk.judgement import PRESENCE_TOO_LOW
from desk.language import Language, Phrase
from desk.texts import MATCH_SIGNS, STATUS_SIGNS, Texts
from desk.view import ActionId, DeskState, FieldId, Match, RegisterState, StepId, StepState
from desk.words import (
    audit_words,
    check_words,
    decision_words,
    enrol_words,
    failure_entry,
    freshness_words,
    reason_words,
    trust_words,
    visit_words,
)
from reader.errors import MotCuaError
from reader.inspection.checks import CheckId, CheckStatus
from reader.inspection.policy import POLICY_REASONS
from reader.inspection.reasons import NOTES, REASONS
from reader.inspection.report import Decision
from reader.iso7816 import ServiceState, SlotState
from reader.trust import SignerFault

LANGUAGES = list(Language)
REASONS_OF_CERTIFICATES = ("unknown-curve", "unsupported-key", "not-an-authority", "malformed")


def all_errors() -> set[type[MotCuaError]]:
    """Return every class of our tree, wherever in the house it is defined."""
    for package in (reader, auth, desk):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: set[type[MotCuaError]] = set()
    waiting = [MotCuaError]
    while waiting:
        error = waiting.pop()
        found.add(error)
        waiting.extend(error.__subclasses__())
    return {error for error in found if error.__module__.partition(".")[0] in ("reader", "auth", "desk")}


def test_every_error_of_the_tree_is_in_the_catalogue() -> None:
    assert len(all_errors()) > 25
    assert {error.code for error in all_errors()} - set(failure_codes()) == set()


@pytest.mark.parametrize("code", failure_codes())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_has_title_cause_and_next_step(code: str, language: Language) -> None:
    words = failure_text(code, language, tries_left=2)
    for part in (words.title, words.cause, words.next_step):
        assert part.strip()
        assert "{" not in part
    assert len(words.title) <= 60
    assert not words.title.endswith(".")
    assert words.next_step.endswith(".")
    assert "2" in words.cause


def test_the_tries_left_are_told_only_where_the_chip_told_them() -> None:
    assert "2" not in failure_text("wrong-password", Language.ENGLISH).cause


def test_an_unknown_code_is_explained_as_a_fault() -> None:
    assert failure_text("no-such-code", Language.ENGLISH) == failure_text("internal", Language.ENGLISH)


def phrases() -> Iterator[tuple[str, Phrase]]:
    for module in (
        audit_words,
        check_words,
        decision_words,
        enrol_words,
        freshness_words,
        reason_words,
        trust_words,
        visit_words,
    ):
        for name in module.__all__:
            table = getattr(module, name)
            assert isinstance(table, Mapping)
            for key, phrase in table.items():
                yield f"{name}[{key}]", phrase
    yield "TRIES_LEFT", failure_entry.TRIES_LEFT


def test_every_phrase_speaks_both_languages_with_the_same_arguments() -> None:
    for name, phrase in phrases():
        assert phrase.vi.strip(), name
        assert phrase.en.strip(), name
        assert phrase.vi != phrase.en, name
        arguments = [{field for _, field, _, _ in string.Formatter().parse(text)} for text in (phrase.vi, phrase.en)]
        assert arguments[0] == arguments[1], name


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (check_words.CHECK_NAMES, CheckId),
        (check_words.STATUS_NAMES, CheckStatus),
        (check_words.NEXT_STEPS, CheckStatus),
        (decision_words.DECISION_LINES, Decision),
        (visit_words.STATES, DeskState),
        (visit_words.STEPS, StepId),
        (visit_words.STEP_STATES, StepState),
        (visit_words.DECISIONS, Decision),
        (visit_words.FIELDS, FieldId),
        (visit_words.MATCHES, Match),
        (visit_words.REGISTER_STATES, RegisterState),
        (visit_words.SERVICES, ServiceState),
        (visit_words.SLOTS, SlotState),
        (visit_words.ACTIONS, ActionId),
        (MATCH_SIGNS, Match),
        (STATUS_SIGNS, CheckStatus),
    ],
)
def test_no_enumeration_has_a_member_without_words(table: Mapping[object, object], kind: type[StrEnum]) -> None:
    assert set(table) == set(kind)


def test_every_reason_of_every_check_has_words() -> None:
    for check, by_status in REASONS.items():
        for reasons in by_status.values():
            for reason in reasons:
                known = (check, str(reason)) in reason_words.OF_CHECK or str(reason) in reason_words.REASONS
                assert known, f"{check}: {reason}"


def test_every_note_and_every_reason_of_the_policy_has_words() -> None:
    assert set(NOTES) - set(reason_words.NOTES) == set()
    assert set(POLICY_REASONS) <= set(reason_words.REASONS)


def test_words_for_one_check_are_for_a_reason_it_can_have() -> None:
    for check, reason in reason_words.OF_CHECK:
        given = {str(known) for reasons in REASONS[CheckId(check)].values() for known in reasons} | set(POLICY_REASONS)
        assert reason in given, (check, reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_intact_signature_is_never_called_genuine(language: Language) -> None:
    texts = Texts(language)
    said = [texts.check_name(CheckId.SOD_SIGNATURE), texts.reason("signature-verified", CheckId.SOD_SIGNATURE)]
    for words in said:
        for forbidden in ("genuine", "authentic", "thật", "chính hãng"):
            assert forbidden not in words.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_inconclusive_chain_tells_the_clerk_what_to_do(language: Language) -> None:
    step = Texts(language).next_step(CheckId.CHAIN, CheckStatus.INCONCLUSIVE)
    assert step != Texts(language).next_step(CheckId.HASHES, CheckStatus.INCONCLUSIVE)
    assert ("ảnh" if language is Language.VIETNAMESE else "portrait") in step


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_purpose_has_a_name(language: Language) -> None:
    assert all(Texts(language).purpose(purpose.id) != purpose.id for purpose in PURPOSES)


def test_a_code_without_words_is_shown_as_it_is() -> None:
    texts = Texts("en")
    assert texts.reason("brand-new") == "brand-new"
    assert texts.check_name("brand.new") == "brand.new"
    assert texts.slot("brand-new") == "brand-new"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("vi_VN.UTF-8", "vi"),
        ("vi", "vi"),
        ("en_GB.UTF-8", "en"),
        ("en", "en"),
        ("C", "vi"),
        ("", "vi"),
        ("fr_FR", "vi"),
    ],
)
def test_the_language_follows_the_locale(locale: str, language: str) -> None:
    assert Language.from_locale(locale) == language


def test_no_reason_has_words_that_nothing_can_say() -> None:
    """The other way round: a reason that was taken away takes its words along."""
    given = {str(reason) for by_status in REASONS.values() for reasons in by_status.values() for reason in reasons}
    of_registers = {f"card-{status}" for status in CardStatus if status is not CardStatus.VALID} | {"card-not-valid"}
    of_registers.add(PRESENCE_TOO_LOW)
    assert set(reason_words.REASONS) - given - set(NOTES) - set(POLICY_REASONS) - of_registers == set()


def test_every_reason_why_something_is_not_installed_has_words() -> None:
    """Reasons are raised by name in the rooms that judge; signers' faults are an enumeration."""
    raised = re.compile(r"(?:CrlRefused|ListRefused|NotTaken|RefusedItem)\((?:[^()\"]*, )?\"([a-z0-9]+-[a-z-]+)\"")
    root = Path(reader.__path__[0]).parent
    rooms = [*(root / "reader" / "trust").glob("*.py"), *(root / "auth" / "distribution").glob("*.py")]
    said = {reason for room in rooms for reason in raised.findall(room.read_text(encoding="utf-8"))}
    assert {"delta-list", "signer-wrong-purpose", "self-signature-invalid"} <= said
    known = said | set(SignerFault) | {TEST_CERTIFICATE, OLDER, *REASONS_OF_CERTIFICATES}
    assert known - set(trust_words.REFUSALS) == set()


def test_every_kind_action_and_level_of_trust_has_words() -> None:
    assert set(trust_words.KINDS) == set(ObjectKind)
    assert set(trust_words.ACTIONS) == set(Action)
    assert set(freshness_words.FRESHNESS) == set(FreshnessLevel)
    assert set(audit_words.FAULTS) == set(Fault)
