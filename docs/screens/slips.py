"""The slip of a scene: what a desk would make of what the scene shows."""

from __future__ import annotations

from datetime import UTC, datetime

from auth.purposes import shipped_registry
from desk.language import Phrase
from desk.slip import Maker, Matter, PreparedSlip, PresenceShown, Slip, SlipDevice, SlipRegister, Subject
from desk.view import DeskView, RegisterState

__all__ = ["slip_of_view"]

MADE = datetime(2026, 11, 26, 2, 4, 5, tzinfo=UTC)
ACT = "6f1c2a90-33a4-4d0e-9d8b-1d2f6a7b8c9d"


def slip_of_view(view: DeskView) -> PreparedSlip:
    """Return the slip of a view that shows a result; a test, as all that is invented here."""
    purpose, identity, decision = shipped_registry().purpose(view.purpose), view.identity, view.decision
    if identity is None or decision is None:
        raise ValueError("a slip is made of a result")
    return PreparedSlip.of(
        Slip(
            slip_id="0d5bfa2a-5f7e-4a4c-9a55-9d1c7a5c2f11",
            made_at=MADE,
            test=True,
            maker=Maker(view.clerk, "canbo.mau", view.counter, SlipDevice(), "motcua 0.1.0"),
            matter=Matter(
                purpose.id,
                Phrase(purpose.name_vi, purpose.name_en),
                purpose.basis,
                purpose.legal_basis,
                view.dossier,
                purpose.keep_days,
            ),
            subject=Subject(identity.personal_number, identity.full_name, identity.date_of_birth),
            inspected_at=MADE,
            policy="operational",
            policy_digest="",
            decision=decision,
            checks=view.checks,
            comparison=view.comparison,
            registers=tuple(
                SlipRegister(
                    one.register,
                    one.title,
                    one.state,
                    one.state is RegisterState.ANSWERED,
                    one.failure,
                    ACT,
                    MADE,
                    alerts=one.alerts,
                )
                for one in view.registers
            ),
            sections=view.sections,
            presence=PresenceShown(view.presence.state, view.presence.level, registers=view.presence.registers)
            if view.presence is not None
            else None,
        )
    )
