"""The twin of the page that programs read: ``slip.json``, in one canonical form, the same bytes for the same slip.

The page names the SHA-256 of these bytes, so a signature over the page speaks for both (PDF/A-1 takes no attachments).
docs/report.md explains every key, docs/schema/slip.schema.json is its JSON Schema.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.inspection_report import Json, canonical
from desk.language import Phrase
from desk.section_view import ItemView, Said, SectionView
from desk.slip.content import Matter, Slip, SlipRegister
from desk.view import ComparisonRow
from reader.errors import MotCuaError

__all__ = ["MAX_SLIP_RECORD", "SlipDamaged", "SlipHead", "read_slip_record", "record_digest", "slip_record"]

MAX_SLIP_RECORD = 4 << 20
FORMAT: Literal["motcua-slip"] = "motcua-slip"
VERSION: Literal[1] = 1

Words = Annotated[str, Field(max_length=200)]


class SlipDamaged(MotCuaError):
    """Say that a file is no slip, or no slip.json."""

    code = "slip-damaged"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Device(_Part):
    device_id: Words
    key_id: Words


class _Maker(_Part):
    clerk: Words
    counter: Words
    device: _Device


class SlipHead(_Part):
    """Hold of a slip.json what a verifier must know; what it says of the citizen is for whoever opens it."""

    format: Literal["motcua-slip"]
    version: Literal[1]
    slip_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    made_at: Annotated[datetime, Field(strict=False)]
    test: bool
    maker: _Maker


def slip_record(slip: Slip) -> bytes:
    """Return the slip.json of ``slip``."""
    return canonical(
        {
            "format": FORMAT,
            "version": VERSION,
            "slip_id": slip.slip_id,
            "made_at": slip.made_at.isoformat(timespec="seconds"),
            "test": slip.test,
            "maker": asdict(slip.maker),
            "matter": _matter(slip.matter),
            "subject": asdict(slip.subject),
            "inspection": {
                "at": _moment(slip.inspected_at),
                "policy": slip.policy,
                "policy_digest": slip.policy_digest,
                "decision": slip.decision.decision.value,
                "reasons": [{"check": check, "reason": reason} for check, reason in slip.decision.reasons],
                "checks": [
                    {
                        "id": check.id.value,
                        "status": check.status.value,
                        "reason": check.reason,
                        "notes": list(check.notes),
                    }
                    for check in slip.checks
                ],
            },
            "presence": asdict(slip.presence) if slip.presence is not None else None,
            "registers": [_register(one) for one in slip.registers],
            "comparison": [_row(row) for row in slip.comparison],
            "holdings": [_section(section) for section in slip.sections],
        }
    )


def record_digest(record: bytes) -> str:
    """Return the SHA-256 of a slip.json, in hexadecimal, as the page names it."""
    return hashlib.sha256(record).hexdigest()


def read_slip_record(raw: bytes) -> SlipHead:
    """Read a slip.json; raise SlipDamaged for one that is none, or is not in its canonical form."""
    if len(raw) > MAX_SLIP_RECORD:
        raise SlipDamaged("larger than a slip.json can be")
    try:
        head = SlipHead.model_validate_json(raw)
        same = canonical(json.loads(raw)) == raw
    except (ValidationError, ValueError, RecursionError):
        raise SlipDamaged("no slip.json") from None
    if not same or head.made_at.tzinfo is None:
        raise SlipDamaged("not as slips are written")
    return head


def _matter(matter: Matter) -> Json:
    consent = matter.consent
    return {
        "purpose": matter.purpose,
        "name": _phrase(matter.name),
        "basis": matter.basis.value,
        "legal_basis": matter.legal_basis,
        "dossier": matter.dossier,
        "keep_days": matter.keep_days,
        "consent": None
        if consent is None
        else {**asdict(consent), "at": consent.at.isoformat(), "text": matter.consent_text},
    }


def _register(one: SlipRegister) -> Json:
    return {
        "register": one.register,
        "title": _phrase(one.title),
        "state": one.state.value,
        "verified": one.verified,
        "failure": one.failure,
        "lookup": one.lookup,
        "answered_at": _moment(one.answered_at),
        "key_id": one.key_id,
        "notes": list(one.notes),
        "alerts": [_phrase(alert) for alert in one.alerts],
        "confirmed": dict(one.confirmed),
        "certificate": {"serial": one.certificate, "held": one.certificate_held} if one.certificate else None,
        "receipt": one.receipt,
    }


def _row(row: ComparisonRow) -> Json:
    return {
        "field": row.field.value,
        "chip": row.chip,
        "note": row.note,
        "registers": {
            cell.register: {"value": cell.held.value, "match": cell.held.match.value, "reason": cell.held.reason}
            for cell in row.cells
        },
    }


def _section(section: SectionView) -> Json:
    return {
        "register": section.register,
        "heading": _phrase(section.heading),
        "columns": [_phrase(column.head) for column in section.columns],
        "items": [_item(item) for item in section.items],
    }


def _item(item: ItemView) -> Json:
    return {
        "certificate": item.certificate,
        "cells": [_said(cell) for cell in item.cells],
        "standing": _phrase(item.standing_words),
        "details": [{"head": _phrase(head), "value": _said(value)} for head, value in item.details],
        "alerts": [{"title": _phrase(alert.title), "text": _said(alert.text)} for alert in item.alerts],
    }


def _said(words: Said) -> str | Json:
    return words if isinstance(words, str) else _phrase(words)


def _phrase(phrase: Phrase) -> Json:
    return {"vi": phrase.vi, "en": phrase.en}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
