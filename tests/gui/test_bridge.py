"""The meeting point of threads: whatever a thread posts is taken up in the window's thread, until it is closed."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from gui.bridge import Bridge


class _Listener:
    """Remember values with the thread they came in; no QObject, as plain code behind the window is none."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, int]] = []

    def hear(self, value: object) -> None:
        self.heard.append((value, threading.get_ident()))


def _posted_from_a_thread(bridge: Bridge, *values: object) -> int:
    idents: list[int] = []

    def post() -> None:
        idents.append(threading.get_ident())
        for value in values:
            bridge.post(value)

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    return idents[0]


def test_values_of_another_thread_arrive_in_the_window_s_thread_in_order(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), _Listener()
    bridge.arrived.connect(listener.hear)
    bridge.arrived.connect(lambda value: listener.hear(("lambda", value)))
    other = _posted_from_a_thread(bridge, *range(50))
    assert listener.heard == []
    qtbot.waitUntil(lambda: len(listener.heard) == 100, timeout=20_000)
    here = threading.get_ident()
    assert other != here
    assert {thread for _, thread in listener.heard} == {here}
    assert [value for value, _ in listener.heard if isinstance(value, int)] == list(range(50))


def test_what_the_window_posts_itself_overtakes_nothing_that_came_before(qtbot: QtBot) -> None:
    """A wipe that Esc brought about, behind views of a reading that are still on their way."""
    bridge, listener = Bridge(), _Listener()
    bridge.arrived.connect(listener.hear)
    _posted_from_a_thread(bridge, "read", "shown")
    bridge.post("wiped")
    qtbot.waitUntil(lambda: len(listener.heard) == 3, timeout=20_000)
    assert [value for value, _ in listener.heard] == ["read", "shown", "wiped"]


def test_what_is_queued_when_it_closes_does_not_arrive(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), _Listener()
    bridge.arrived.connect(listener.hear)
    _posted_from_a_thread(bridge, "queued")
    bridge.close()
    qtbot.wait(50)
    assert listener.heard == []


def test_after_close_nothing_arrives(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), _Listener()
    bridge.arrived.connect(listener.hear)
    bridge.close()
    _posted_from_a_thread(bridge, "late")
    with qtbot.assertNotEmitted(bridge.arrived):
        bridge.post("later")
    assert listener.heard == []


def test_what_is_under_way_while_the_bridge_closes_does_no_harm(qtbot: QtBot) -> None:
    bridge, listener = Bridge(), _Listener()
    bridge.arrived.connect(listener.hear)
    stop = threading.Event()

    def post() -> None:
        while not stop.is_set():
            bridge.post("value")

    thread = threading.Thread(target=post)
    thread.start()
    qtbot.waitUntil(lambda: bool(listener.heard), timeout=20_000)
    bridge.close()
    stop.set()
    thread.join()
