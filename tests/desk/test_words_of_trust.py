"""No word list calls a card genuine; without the issuer's certificate the page says what was proved and what not."""

from __future__ import annotations

import importlib
import io
import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import desk.words
from desk.language import Phrase
from desk.present import present
from desk.terminal import TerminalPage, console_for
from desk.texts import Texts
from desk.view import DeskState
from desk.visit_data import Surroundings, VisitData
from desk.words.failure_entry import FailureWords
from mock_cards.build import CardFactory
from reader.access import Can
from reader.inspection import (
    CheckId,
    CheckStatus,
    Decision,
    Inspection,
    InspectionRequest,
    Material,
    MaterialUsed,
    Policy,
    inspect,
)
from reader.iso7816 import ReaderSnapshot, ServiceState
from reader.trust import TrustMaterial

MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
# What only somebody could say who traced the card to its issuer; no check by itself does.
GENUINE = re.compile(r"\bthật\b|chính hãng|\bgenuine\b|\bauthentic\b|\boriginality\b", re.IGNORECASE)
# Where such a word is about something else than the card in the clerk's hand.
ABOUT_OTHER_THINGS = {
    "máy chủ thật": "a server, which proves itself by its certificate",
    "không có thật": "an entry of a settings file",
    "thẻ thật": "a card that is not emulated",
}


def phrases(thing: object, name: str) -> Iterator[tuple[str, Phrase]]:
    match thing:
        case Phrase():
            yield name, thing
        case FailureWords():
            for part in ("title", "cause", "next_step"):
                yield f"{name}.{part}", getattr(thing, part)
        case Mapping():
            for key, value in thing.items():
                yield from phrases(value, f"{name}[{key}]")
        case _:
            pass


def every_phrase() -> Iterator[tuple[str, Phrase]]:
    for module in pkgutil.iter_modules(desk.words.__path__, "desk.words."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            yield from phrases(value, f"{module.name}.{name}")


def calls_genuine(text: str) -> bool:
    for words in ABOUT_OTHER_THINGS:
        text = text.replace(words, "")
    return GENUINE.search(text) is not None


def test_no_word_list_calls_anything_about_a_card_genuine() -> None:
    told = list(every_phrase())
    assert len(told) > 300
    assert [name for name, phrase in told if calls_genuine(phrase.vi) or calls_genuine(phrase.en)] == []


def test_the_search_would_find_such_a_word() -> None:
    assert calls_genuine("Thẻ này là thẻ Thật.".replace("thẻ Thật", "hàng thật"))
    assert calls_genuine("a genuine card")
    assert not calls_genuine("thẻ giả lập hoặc thẻ thật")


def test_no_text_of_the_window_calls_a_card_genuine(project_root: Path) -> None:
    """Only the demo's list of forgeries says that its card has none."""
    tree = ElementTree.parse(project_root / "gui" / "translations" / "motcua_vi.ts")  # noqa: S314  # our own file
    messages = [(one.findtext("source") or "", one.findtext("translation") or "") for one in tree.iter("message")]
    assert len(messages) > 50
    found = [source for source, translation in messages if calls_genuine(source) or calls_genuine(translation)]
    assert [source for source in found if source != "genuine"] == []


@pytest.fixture(scope="module")
def factory() -> CardFactory:
    return CardFactory("words")


def read(factory: CardFactory, *, trusting: bool, age: timedelta | None = None) -> Inspection:
    card = factory.build("nguyen-van-mau")
    card.card.power_on()
    materials = (MaterialUsed(Material.ANCHORS, "00" * 32, 1, MOMENT - age),) if age is not None else ()
    return inspect(
        card.card,
        InspectionRequest(
            passwords=(Can.from_personal_number(card.personal_number),),
            trust=TrustMaterial.of(factory.anchors) if trusting else TrustMaterial(),
            policy=Policy.shipped(),
            moment=MOMENT,
            decode_portrait=False,
            materials=materials,
        ),
    )


def page_of(inspection: Inspection, language: str) -> str:
    stream = io.StringIO()
    data = VisitData().with_inspection(inspection)
    view: Any = present(DeskState.SHOWING, data, Surroundings(), ReaderSnapshot(ServiceState.RUNNING))
    TerminalPage(console_for(stream), Texts(language)).show(view)
    return " ".join(stream.getvalue().split())


@pytest.mark.parametrize(
    ("language", "proved", "not_proved", "to_do"),
    [
        (
            "vi",
            ["chữ ký nguyên vẹn; ai đã ký là chuyện khác", "mọi phần đã đọc đúng như khi ký"],
            ["máy này chưa cài chứng thư gốc", "chưa rõ nơi cấp có ký khoá đó không"],
            ["So mặt người với ảnh", "nhờ quản trị cài chứng thư gốc"],
        ),
        (
            "en",
            ["the signature is intact; who signed is another question", "every part read is as it was signed"],
            ["no certificate of the issuing State", "it is not proven that the issuer signed it"],
            ["Compare face and portrait", "ask your administrator to install the issuer certificate"],
        ),
    ],
)
def test_on_the_first_day_the_page_says_what_was_proved_what_was_not_and_what_to_do(
    factory: CardFactory, language: str, proved: list[str], not_proved: list[str], to_do: list[str]
) -> None:
    inspection = read(factory, trusting=False)
    assert inspection.decision is Decision.ATTENTION
    assert {finding.check for finding in inspection.findings} == {
        CheckId.CHAIN,
        CheckId.CHIP_AUTHENTICATION,
        CheckId.ACTIVE_AUTHENTICATION,
    }, "and nothing that follows from them"
    page = page_of(inspection, language)
    narrow = "".join(page.split())
    for words in (*proved, *not_proved, *to_do):
        assert _stands_in(page, words) or "".join(words.split()) in narrow, words
    assert not calls_genuine(page)


def _stands_in(page: str, words: str) -> bool:
    """Tell whether every word stands in the page, since a table may break a sentence over lines of two columns."""
    return all(word in page for word in words.split())


@pytest.mark.parametrize(
    ("language", "step"), [("vi", "Nhờ quản trị cập nhật"), ("en", "Ask your administrator to bring")]
)
def test_aged_trust_is_told_with_what_to_do_about_it(factory: CardFactory, language: str, step: str) -> None:
    inspection = read(factory, trusting=True, age=timedelta(days=31))
    assert inspection.decision is Decision.ATTENTION
    assert inspection.check(CheckId.CHAIN).status is CheckStatus.PASSED
    page = page_of(inspection, language)
    assert step in page
    assert Texts(language).next_step(CheckId.CHAIN, CheckStatus.PASSED) not in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_card_under_an_installed_issuer_is_not_called_more_than_it_was_shown_to_be(
    factory: CardFactory, language: str
) -> None:
    inspection = read(factory, trusting=True, age=timedelta(days=1))
    assert inspection.decision is Decision.PROCEED
    assert not calls_genuine(page_of(inspection, language))
