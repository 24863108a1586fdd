"""What the sandbox's tests share."""

from __future__ import annotations

import pytest

from auth.registers import Lookup
from reader.lds.identity import CalendarDate


@pytest.fixture
def lookup() -> Lookup:
    """Return a look-up about the man with two parcels."""
    return Lookup(
        lookup_id="visit-1",
        personal_number="099090000001",
        full_name="Nguyễn Văn Mẫu",
        date_of_birth=CalendarDate(1990, 1, 15),
        purpose="land-change-registration",
        legal_basis="Luật Đất đai 31/2024/QH15, Điều 133",
        clerk="cb-001",
    )
