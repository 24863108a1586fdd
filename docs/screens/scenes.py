"""Every state of the desk with invented people, as views: what the pictures show and what the window's tests walk.

Persons, parcels and portraits come from ``mock_cards``; comparison and parcels are made by the desk's own code, so that
a picture never shows what the desk would not.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from PIL import Image

from auth.errors import StepUpNeeded
from auth.purposes import PURPOSES, citizen_text
from auth.registers.housing_ports import (
    Dwelling,
    DwellingHoldings,
    DwellingKind,
    Encumbrance,
    EncumbranceKind,
    HousingScheme,
    OwnershipForm,
    Transaction,
    TransactionKind,
)
from auth.registers.ports import CardStatus, Confirmation, DataQuality, Holder, LandHoldings, Parcel, PopulationRecord
from desk.comparison import compare
from desk.device_view import CertificateView, DeviceView
from desk.kinds.housing import KIND as HOUSING_KIND
from desk.kinds.land import KIND as LAND_KIND
from desk.kinds.population import KIND as POPULATION_KIND
from desk.lookups import NOT_FOR_PURPOSE, WITHHELD
from desk.outcomes import LookupOutcome
from desk.presence_shown import PresenceOfRegister, PresenceView
from desk.present import identity_view
from desk.register_views import register_views, section_views
from desk.sign_in_view import SignInState, SignInView
from desk.steps import steps_of
from desk.tap import TapState
from desk.view import (
    ActionId,
    CheckView,
    DecisionView,
    DeskState,
    DeskView,
    FailureView,
    PortraitView,
    ProgressView,
    ReaderView,
    RegisterState,
    TrustView,
    WaitingView,
)
from desk.visit_data import VisitData
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.personas import HousingDwelling, Persona, load_persona
from reader.genuine import DigestReason, TerminalReason
from reader.inspection.checks import Check, CheckId, CheckStatus
from reader.inspection.reasons import REASONS, Reason
from reader.inspection.report import Decision
from reader.lds.identity import CalendarDate, Identity, Sex
from reader.trust import ChainReason, RevocationReason

__all__ = ["Scene", "failure_scenes", "scenes"]

KINDS = (POPULATION_KIND, LAND_KIND, HOUSING_KIND)
Outcomes = tuple[LookupOutcome[Any], ...]
_READER = "ACS ACR1252 Dual Reader"
_AT = datetime(2026, 3, 9, 3, 32, 5, tzinfo=UTC)
_SHOWN_AT = "10:32:05"
_SINCE = "08:15 26/11/2026"


@dataclass(frozen=True, slots=True)
class Scene:
    """Hold one state: the name of its picture and what the desk shows."""

    name: str
    view: DeskView


def scenes() -> tuple[Scene, ...]:
    """Return every state of a visit, in the order in which a clerk meets them."""
    base = _base()
    done = _visit("nguyen-van-mau")
    stop = _visit("nguyen-van-mau", forged=True)
    every = (
        Scene("no-reader", replace(_base(DeskState.NO_READER), readers=())),
        Scene("waiting", replace(base, actions=_actions(ActionId.ENTER_KEY))),
        Scene(
            "waiting-number-held", replace(base, actions=_actions(ActionId.ENTER_KEY, ActionId.CANCEL), key_held=True)
        ),
        Scene("need-key", _on_reader(DeskState.NEED_KEY, ActionId.ENTER_KEY, ActionId.CANCEL, ActionId.NEXT)),
        Scene(
            "need-key-certificate",
            replace(
                _on_reader(DeskState.NEED_KEY, ActionId.ENTER_KEY, ActionId.CANCEL, ActionId.NEXT),
                certificate="AB12345678",
            ),
        ),
        Scene("reading-access", _reading(files="EF.SOD", read=1200)),
        Scene("reading-identity", _reading_identity()),
        Scene("reading-portrait", _reading_portrait()),
        Scene("card-lost", _card_lost()),
        Scene("looking-up", replace(done, **_looking_up())),
        Scene("showing-proceed", done),
        Scene("showing-attention", _without_anchor()),
        Scene("showing-stop", stop),
        Scene("showing-offline", _offline()),
        Scene("showing-no-expiry", _visit("le-thi-hoa-thu")),
        Scene("showing-minority-name", _visit("h-mut-nie-kcor")),
        Scene("stopping", _on_reader(DeskState.STOPPING)),
        Scene("wiped", _base(DeskState.WIPED)),
        Scene("waiting-trust-due", replace(base, trust=TrustView("due", 41, 1, "06/02/2026 08:00"))),
        Scene(
            "waiting-trust-ended", replace(base, trust=TrustView("due", 41, 1, "06/02/2026 08:00", "01/03/2026 08:00"))
        ),
        *_sign_in_scenes(base, done),
        *_device_scenes(base),
        Scene("consent", _consent()),
        Scene("proving", _proving(done)),
        Scene("card-wanted", _card_wanted(base)),
        Scene("card-wanted-back", replace(_card_wanted(base), card_is_back=True)),
        Scene("showing-questions", _questions()),
        Scene("showing-other-purpose", _other_purpose(done)),
        Scene("showing-queue-number", replace(_offline(), dossier="H29.15-261126-0042")),
        Scene("showing-queued", _queued()),
        Scene("waiting-queue-full", replace(base, waiting=WaitingView(5000, _SINCE, trouble="outbox-full"))),
        Scene("showing-long", _long()),
        Scene("showing-long-differing", _long_differing()),
    )
    return tuple(replace(scene, view=_stepped(scene.view)) for scene in every)


def _sign_in_scenes(base: DeskView, done: DeskView) -> tuple[Scene, ...]:
    """Return how a sign-in can stand: nobody, waited for, refused, signed in, wanted again."""
    nobody = replace(base, clerk="", actions=_actions(ActionId.SIGN_IN, ActionId.ENTER_KEY))
    here = _actions(ActionId.SIGN_IN, ActionId.SIGN_OUT, ActionId.ENTER_KEY)
    refused = SignInView(SignInState.NOBODY, FailureView("sign-in-refused"))
    again = SignInView(SignInState.SIGNED_IN, again=True)
    (population, *others) = done.registers
    wanting = tuple(replace(one, state=RegisterState.FAILED, failure=StepUpNeeded.code, alerts=()) for one in others)
    return (
        Scene("sign-in-nobody", replace(nobody, sign_in=SignInView(SignInState.NOBODY))),
        Scene("sign-in-waiting", replace(nobody, sign_in=SignInView(SignInState.WAITING))),
        Scene("sign-in-refused", replace(nobody, sign_in=refused)),
        Scene("signed-in", replace(base, actions=here, sign_in=SignInView(SignInState.SIGNED_IN))),
        Scene("sign-in-again", replace(done, sign_in=again, registers=(population, *wanting))),
    )


def _device_scenes(base: DeskView) -> tuple[Scene, ...]:
    """Return what is said of a computer that registers do not take, or whose key or certificate grows old."""
    why = ("pending", "suspended", "revoked", "status-unknown")
    base = replace(base, actions=_actions(ActionId.ENTER_KEY))
    barred = (Scene(f"device-{name}", replace(base, device=DeviceView(f"device-{name}"))) for name in why)
    return (
        *barred,
        *(Scene(f"device-key-{days}", replace(base, device=DeviceView(days_left=days))) for days in (9, 0)),
        Scene("device-key-replaced", replace(base, device=DeviceView(restart_by="08:00 17/03/2026"))),
        Scene("client-certificate", replace(base, device=DeviceView(certificate=CertificateView(LAND_KIND.title, 9)))),
    )


def _consent() -> DeskView:
    """Return the page on which a citizen is asked, with the longest text that is shipped."""
    asking = max((one for one in PURPOSES if one.needs_consent), key=lambda one: len(citizen_text(one, "vi")))
    return replace(
        _visit("h-mut-nie-kcor"),
        state=DeskState.CONSENT,
        purpose=asking.id,
        purposes=PURPOSES,
        decision=None,
        actions=_actions(ActionId.AGREE, ActionId.REFUSE, ActionId.CANCEL, ActionId.NEXT),
        **_told(_idle()),
    )


def _proving(done: DeskView) -> DeskView:
    """Return the moment after the citizen has agreed: the card proves itself, and the yes can still be taken back."""
    identity = _identity(load_persona("nguyen-van-mau"))
    return replace(
        done,
        state=DeskState.PROVING,
        comparison=compare(identity, _idle()),
        presence=PresenceView(state="", level=0, asking=True),
        actions=_actions(ActionId.REFUSE, ActionId.CANCEL, ActionId.NEXT),
        **_told(_idle()),
    )


def _card_wanted(base: DeskView) -> DeskView:
    return replace(
        base,
        state=DeskState.CARD_WANTED,
        actions=_actions(ActionId.GO_ON_WITHOUT_PROOF, ActionId.CANCEL, ActionId.NEXT),
    )


def _questions() -> DeskView:
    """Return a visit in which a register answered questions with yes and no only, and the others were not asked."""
    asking = next(one for one in PURPOSES if any(use.questions for use in one.uses))
    confirmation = Confirmation(True, tuple((question, True) for use in asking.uses for question in use.questions))
    outcomes = tuple(
        LookupOutcome(kind, RegisterState.CONFIRMED, answered_at=_AT, confirmation=confirmation)
        if kind is POPULATION_KIND
        else LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=NOT_FOR_PURPOSE)
        for kind in KINDS
    )
    identity = _identity(load_persona("nguyen-van-mau"))
    return replace(
        _visit("nguyen-van-mau"),
        purpose=asking.id,
        purposes=PURPOSES,
        comparison=compare(identity, outcomes),
        **_told(outcomes),
    )


def _other_purpose(done: DeskView) -> DeskView:
    """Return answers beside which the clerk has chosen another purpose, whose name is the longest that is shipped."""
    asked = next(one for one in PURPOSES if one.id == done.purpose)
    chosen = max((one for one in PURPOSES if one is not asked), key=lambda one: len(one.name_vi))
    return replace(done, purpose=chosen.id, purposes=PURPOSES, asked_for=asked)


def _queued() -> DeskView:
    """Return the offer taken: two look-ups wait, a third register rests after many failures."""
    view = replace(_offline(), dossier="H29.15-261126-0042")
    identity = _identity(load_persona("nguyen-van-mau"))
    outcomes = tuple(
        LookupOutcome(kind, RegisterState.QUEUED)
        if kind is not KINDS[0]
        else LookupOutcome(kind, RegisterState.FAILED, failure="register-resting")
        for kind in KINDS
    )
    return replace(view, comparison=compare(identity, outcomes), **_told(outcomes))


def _long() -> DeskView:
    """Return a visit with the longest name, place and dossier number that a page has to hold."""
    view, name = _offline(), "Công Tằng Tôn Nữ Hoàng Diễm Quỳnh"
    place = "Số 1234/56/7 Đường Nguyễn Thị Minh Khai"
    identity = replace(_identity(load_persona("nguyen-van-mau")), full_name=name, residence=f"{place}, Tỉnh Giả Định")
    outcomes = tuple(LookupOutcome(kind, RegisterState.FAILED, failure="register-timeout") for kind in KINDS)
    return replace(
        view,
        identity=identity_view(identity),
        comparison=compare(identity, outcomes),
        dossier="000.00.01.H29-261126-0042",
        counter="Quầy 12 — Bộ phận tiếp nhận và trả kết quả",
        readers=(ReaderView("HID OMNIKEY 5422 Smartcard Reader", "present", True, True),),
    )


def _long_differing() -> DeskView:
    """Return long names in which the registers differ from the chip, and from each other."""
    persona, view = load_persona("nguyen-van-mau"), _long()
    name, other = "Công Tằng Tôn Nữ Hoàng Diễm Quỳnh", "Công Tằng Tôn Nữ Hoàng Diểm Quỳnh Nghiêng"
    identity = replace(_identity(persona), full_name=name, residence="Thôn Nghiêng, Xã Mẫu Sơn, Tỉnh Giả Định")
    (population, land, housing) = _answered(persona)
    record = replace(_record(persona), full_name=other, residence="Tổ dân phố Trường Thịnh, Phường Khuynh Diệp")
    outcomes = (replace(population, record=record), land, housing)
    return replace(
        view,
        identity=identity_view(identity),
        comparison=compare(identity, outcomes),
        presence=_presence(outcomes),
        waiting=None,
        **_told(outcomes),
    )


def failure_scenes(codes: tuple[str, ...]) -> tuple[Scene, ...]:
    """Return the failed state for each of these codes of the failure catalogue."""
    return tuple(Scene(f"failed-{code}", _stepped(_failed(code))) for code in codes)


def _failed(code: str) -> DeskView:
    tries = 2 if code == "wrong-password" else None
    asks = code in ("wrong-password", "key-not-understood", "mrz-needed")
    view = _on_reader(DeskState.NEED_KEY if asks else DeskState.FAULT, ActionId.ENTER_KEY, ActionId.CANCEL)
    if code in ("pcsc-no-service", "pcsc-access-denied", "pcsc-no-reader"):
        service = {"pcsc-no-service": "stopped", "pcsc-access-denied": "refused"}.get(code, "running")
        view = replace(view, state=DeskState.NO_READER, readers=(), service=service)
    slot = {"pcsc-mute-card": "mute", "pcsc-card-held": "held", "card-removed": "empty"}.get(code)
    if slot:
        view = replace(view, readers=(ReaderView(_READER, slot, True),))
    return replace(view, failure=FailureView(code, tries_left=tries))


def _base(state: DeskState = DeskState.WAIT_CARD) -> DeskView:
    return DeskView(
        state=state,
        visit=7,
        readers=(ReaderView(_READER, "empty", True),),
        test=True,
        clerk="Nguyễn Thị Cán Bộ",
        counter="Quầy 3",
        purpose="land-change-registration",
        actions=_actions(),
        trust=TrustView("current", 2, next_due="10/03/2026 08:00"),
        **_told(_idle()),
    )


def _actions(*offered: ActionId) -> frozenset[str]:
    return frozenset({str(ActionId.CHOOSE_PURPOSE), *(str(action) for action in offered)})


def _stepped(view: DeskView) -> DeskView:
    """Return ``view`` with the steps as the desk counts them for its state."""
    came = {register.register: register.state for register in view.registers}
    data = VisitData(
        checks=(Check.inconclusive(CheckId.REVOCATION, RevocationReason.NO_LIST),) if view.checks else (),
        outcomes=tuple(LookupOutcome(kind, came.get(kind.name, RegisterState.IDLE)) for kind in KINDS),
    )
    return replace(view, steps=steps_of(view.state, data))


def _on_reader(state: DeskState, *offered: ActionId) -> DeskView:
    return replace(
        _base(state),
        readers=(ReaderView(_READER, "present", True, True),),
        actions=_actions(*offered),
    )


def _reading(files: str, read: int) -> DeskView:
    return replace(
        _on_reader(DeskState.READING, ActionId.CANCEL, ActionId.NEXT),
        progress=ProgressView(files, read, 24_243),
    )


def _reading_identity() -> DeskView:
    persona = load_persona("nguyen-van-mau")
    identity = _identity(persona)
    return replace(
        _reading("DG2", 17_400),
        identity=identity_view(identity),
        comparison=compare(identity, _idle()),
        checks=tuple(check for check in _CHECKS if check.id in _EARLY),
    )


def _reading_portrait() -> DeskView:
    """Return the reading with a first sight of the portrait: its upper half, the rest grey."""
    portrait = _portrait(load_persona("nguyen-van-mau"))
    image = Image.open(io.BytesIO(portrait.png)).convert("RGB")
    image.paste((128, 128, 128), (0, image.height * 3 // 5, image.width, image.height))
    png = io.BytesIO()
    image.save(png, "PNG")
    return replace(_reading_identity(), portrait=PortraitView(png.getvalue(), *image.size, whole=False, proven=False))


def _card_lost() -> DeskView:
    return replace(
        _base(DeskState.CARD_LOST),
        progress=ProgressView("DG2", 14_400, 24_243),
        actions=_actions(ActionId.CANCEL, ActionId.NEXT),
    )


def _visit(name: str, *, forged: bool = False) -> DeskView:
    persona = load_persona(name)
    identity = _identity(persona)
    outcomes = _answered(persona)
    decision = DecisionView(Decision.PROCEED)
    checks = _CHECKS
    if forged:
        outcomes = tuple(LookupOutcome(kind, RegisterState.NOT_ALLOWED, failure=WITHHELD) for kind in KINDS)
        checks = _changed(_FORGED)
        decision = DecisionView(
            Decision.STOP,
            ((str(CheckId.HASHES), DigestReason.MISMATCH), (str(CheckId.DG1_DG13), Reason.GROUPS_DIFFER)),
        )
    return replace(
        _on_reader(
            DeskState.SHOWING,
            ActionId.CANCEL,
            ActionId.NEXT,
            ActionId.MAKE_SLIP,
            *([] if forged else [ActionId.LOOK_UP_AGAIN]),
        ),
        identity=identity_view(identity),
        portrait=_portrait(persona),
        decision=decision,
        checks=checks,
        comparison=compare(identity, outcomes),
        presence=None if forged else _presence(outcomes),
        **_told(outcomes),
    )


def _presence(outcomes: Outcomes) -> PresenceView:
    """Return what is shown where each register that answered saw the chip itself."""
    answered = tuple(PresenceOfRegister(one.register, 4, True) for one in outcomes if one.answered)
    return PresenceView(TapState.PROVEN.value, 4, mode="CA", registers=answered)


def _looking_up() -> dict[str, Any]:
    persona = load_persona("nguyen-van-mau")
    identity = _identity(persona)
    population, *others = _answered(persona)
    outcomes = (population, *(LookupOutcome(other.kind, RegisterState.ASKING) for other in others))
    return {
        "state": DeskState.LOOKUP,
        "comparison": compare(identity, outcomes),
        **_told(outcomes),
        "actions": _actions(ActionId.CANCEL, ActionId.NEXT),
    }


def _without_anchor() -> DeskView:
    return replace(
        _visit("nguyen-van-mau"),
        checks=_changed({CheckId.CHAIN: (CheckStatus.INCONCLUSIVE, ChainReason.NO_ANCHOR)}),
        decision=DecisionView(Decision.ATTENTION, ((str(CheckId.CHAIN), ChainReason.NO_ANCHOR),)),
    )


def _offline() -> DeskView:
    view = _visit("nguyen-van-mau")
    identity = _identity(load_persona("nguyen-van-mau"))
    why = ("register-unreachable", "register-timeout")
    outcomes = tuple(LookupOutcome(kind, RegisterState.FAILED, failure=why[kind is not KINDS[0]]) for kind in KINDS)
    waiting = WaitingView(count=12, since=_SINCE, to_decide=1)
    actions = view.actions | {str(ActionId.QUEUE_LOOKUPS)}
    away = PresenceView(TapState.VERIFIER_AWAY.value, 2)
    told = _told(outcomes)
    return replace(
        view, comparison=compare(identity, outcomes), waiting=waiting, actions=actions, presence=away, **told
    )


def _idle() -> Outcomes:
    return tuple(LookupOutcome(kind) for kind in KINDS)


def _answered(persona: Persona) -> Outcomes:
    """Return what the registers answer about ``persona``."""
    records = {
        "population": _record(persona),
        "land": LandHoldings(tuple(_parcels(persona))),
        "housing": DwellingHoldings(tuple(_dwelling(dwelling) for dwelling in persona.dwellings)),
    }
    return tuple(LookupOutcome(kind, RegisterState.ANSWERED, records[kind.name], answered_at=_AT) for kind in KINDS)


def _told(outcomes: Outcomes) -> dict[str, Any]:
    """Return what a page shows of ``outcomes``, their time the same on every computer."""
    views = register_views(outcomes)
    return {
        "registers": tuple(replace(view, answered_at=_SHOWN_AT if view.answered_at else "") for view in views),
        "sections": section_views(outcomes),
    }


def _identity(persona: Persona) -> Identity:
    card = persona.card
    return Identity(
        personal_number=card.personal_number,
        full_name=card.full_name,
        date_of_birth=CalendarDate.from_iso(card.date_of_birth),
        sex=Sex(card.sex),
        nationality=card.nationality,
        ethnicity=card.ethnicity,
        religion=card.religion,
        place_of_origin=card.place_of_origin,
        residence=card.residence,
        issue_date=CalendarDate.from_iso(card.issue_date),
        expiry=CalendarDate.from_iso(card.expiry) if card.expiry else None,
        father=card.father,
        mother=card.mother,
        spouse=card.spouse,
        old_number=card.old_number,
    )


def _record(persona: Persona) -> PopulationRecord:
    card, other = persona.card, persona.population

    def of(field: str) -> str:
        value = getattr(other, field)
        return str(getattr(card, field) if value is None else value)

    expiry = card.expiry
    return PopulationRecord(
        personal_number=card.personal_number,
        full_name=of("full_name"),
        date_of_birth=CalendarDate.from_iso(of("date_of_birth")),
        sex=Sex(of("sex")),
        nationality=of("nationality"),
        card_status=CardStatus(other.card_status),
        ethnicity=of("ethnicity"),
        religion=of("religion"),
        place_of_origin=of("place_of_origin"),
        residence=of("residence"),
        residence_before=other.residence_before,
        father=of("father"),
        mother=of("mother"),
        spouse=of("spouse"),
        old_number=of("old_number"),
        issue_date=CalendarDate.from_iso(card.issue_date),
        expiry=CalendarDate.from_iso(expiry) if expiry else None,
    )


def _parcels(persona: Persona) -> list[Parcel]:
    return [
        Parcel(
            certificate_serial=parcel.certificate_serial,
            map_sheet=parcel.map_sheet,
            parcel_number=parcel.parcel_number,
            commune=parcel.commune,
            commune_before=parcel.commune_before,
            address=parcel.address,
            area_m2=Decimal(parcel.area_m2),
            land_type=parcel.land_type,
            land_type_name=parcel.land_type_name,
            term=parcel.term,
            form_of_use=parcel.form_of_use,
            origin=parcel.origin,
            holders=tuple(
                Holder(
                    holder.full_name,
                    holder.number,
                    CalendarDate.from_iso(holder.date_of_birth) if holder.date_of_birth else None,
                    holder.address,
                )
                for holder in parcel.holders
            ),
            boundary=parcel.boundary,
            quality=DataQuality(parcel.quality),
        )
        for parcel in persona.parcels
    ]


def _dwelling(dwelling: HousingDwelling) -> Dwelling:
    place = ("project", "block", "floor", "floors", "number", "address", "commune", "commune_before")
    return Dwelling(
        certificate_serial=dwelling.certificate_serial,
        **{name: getattr(dwelling, name) for name in place},
        kind=DwellingKind(dwelling.kind),
        scheme=HousingScheme(dwelling.scheme),
        floor_area_m2=Decimal(dwelling.floor_area_m2),
        ownership_form=OwnershipForm(dwelling.ownership_form),
        ownership_term=_date(dwelling.ownership_term),
        owners=tuple(
            Holder(owner.full_name, owner.number, _date(owner.date_of_birth), owner.address)
            for owner in dwelling.owners
        ),
        encumbrances=tuple(
            Encumbrance(EncumbranceKind(entry.kind), entry.holder, _date(entry.since), entry.reference)
            for entry in dwelling.encumbrances
        ),
        transactions=tuple(
            Transaction(TransactionKind(entry.kind), _date(entry.day), entry.reference)
            for entry in dwelling.transactions
        ),
        quality=DataQuality(dwelling.quality),
        issued=_date(dwelling.issued),
    )


def _date(text: str) -> CalendarDate | None:
    return CalendarDate.from_iso(text) if text else None


def _portrait(persona: Persona) -> PortraitView:
    with Image.open(io.BytesIO(draw_portrait(persona.card).image)) as picture:
        png = io.BytesIO()
        picture.convert("RGB").save(png, "PNG")
        return PortraitView(png.getvalue(), picture.width, picture.height)


def _passed(id: CheckId, *evidence: tuple[str, str]) -> CheckView:
    (reason, *_) = REASONS[id][CheckStatus.PASSED]
    return CheckView(id, CheckStatus.PASSED, str(reason), evidence)


_CHECKS: tuple[CheckView, ...] = (
    _passed(CheckId.PACE, ("protocol", "PACE-ECDH-GM-AES-CBC-CMAC-128"), ("password", "CAN")),
    _passed(CheckId.CARD_ACCESS, ("compared", "EF.CardAccess, DG14")),
    _passed(CheckId.SECURE_MESSAGING, ("answers", "147")),
    _passed(CheckId.SOD_SIGNATURE, ("algorithm", "ECDSA, SHA-256, brainpoolP384r1")),
    _passed(CheckId.CHAIN, ("anchor", "C=VN, O=TEST, CN=CSCA TEST 01")),
    _passed(CheckId.HASHES, ("files", "DG1, DG2, DG13, DG14, DG15"), ("digest", "SHA-256")),
    CheckView(CheckId.REVOCATION, CheckStatus.INCONCLUSIVE, RevocationReason.NO_LIST),
    _passed(CheckId.CHIP_AUTHENTICATION, ("key", "brainpoolP256r1")),
    _passed(CheckId.ACTIVE_AUTHENTICATION, ("algorithm", "ECDSA, SHA-256")),
    CheckView(CheckId.TERMINAL_AUTHENTICATION, CheckStatus.UNAVAILABLE, TerminalReason.NO_CREDENTIALS),
    _passed(CheckId.COM_SOD, ("files", "DG1, DG2, DG3, DG13, DG14, DG15")),
    _passed(CheckId.STRUCTURE, ("files", "7")),
    _passed(CheckId.MRZ_CHECK_DIGITS, ("digits", "4")),
    _passed(CheckId.KEY_MATCHES_CHIP, ("compared", "12 digits")),
    _passed(CheckId.DG1_DG13, ("fields", "name, number, birth, sex, expiry")),
    _passed(CheckId.ISSUING_STATE, ("state", "VNM")),
    _passed(CheckId.EXPIRY, ("until", "2030-01-15")),
)
_EARLY = (CheckId.PACE, CheckId.SOD_SIGNATURE, CheckId.CHAIN, CheckId.MRZ_CHECK_DIGITS, CheckId.KEY_MATCHES_CHIP)
_FORGED = {
    CheckId.HASHES: (CheckStatus.FAILED, DigestReason.MISMATCH),
    CheckId.DG1_DG13: (CheckStatus.FAILED, Reason.GROUPS_DIFFER),
}


def _changed(changes: dict[CheckId, tuple[CheckStatus, str]]) -> tuple[CheckView, ...]:
    return tuple(
        replace(check, status=changes[check.id][0], reason=changes[check.id][1]) if check.id in changes else check
        for check in _CHECKS
    )
