"""What is said of the computer before anybody is looked up: why it may not, or that its key is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest

from auth.device.errors import DeviceKeyUnusable, DevicePending, DeviceRevoked, DeviceSuspended
from desk.device_view import DeviceView, device_view
from desk.texts import Texts
from reader.errors import MotCuaError


@dataclass
class Device:
    trouble: MotCuaError | None = None
    days: int | None = None
    until: datetime | None = None

    def restart_by(self) -> datetime | None:
        return self.until

    def require_lookup(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def rotation_due(self) -> int | None:
        return self.days


@pytest.mark.parametrize("error", [DevicePending(), DeviceSuspended(), DeviceRevoked(), DeviceKeyUnusable("record")])
def test_why_it_may_look_nobody_up_is_said_by_its_code(error: MotCuaError) -> None:
    assert device_view(Device(error, days=3)) == DeviceView(failure=error.code)


@pytest.mark.parametrize(
    ("days", "said"), [(None, None), (14, DeviceView(days_left=14)), (-2, DeviceView(days_left=-2))]
)
def test_of_a_key_only_what_is_due_soon_is_said(days: int | None, said: DeviceView | None) -> None:
    assert device_view(Device(days=days)) == said


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_key_that_was_replaced_meanwhile_is_said_with_the_day_by_which_to_restart(language: str) -> None:
    view = device_view(Device(until=datetime(2026, 12, 3, 9, 30).astimezone()))
    assert view == DeviceView(restart_by="09:30 03/12/2026")
    assert view.restart_by in Texts(language).device(view)
