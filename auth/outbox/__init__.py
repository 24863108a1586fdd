"""The outbox: look-ups for a register that is away, sealed on this computer until they can be sent.

What comes in: letters whose payload is encrypted to the register already. What goes out: the same bytes under the same
idempotency key, each dossier's in their order, and answers, which stay sealed until the dossier takes them out. Each
act leaves its leaf in ``auth.ledger``. Calls ``auth.ledger`` and ``auth.wire``; who may send what is asked through the
Protocols in ``standing``, and what an answer tells of its question is judged by the register's client, as at once.
"""

from auth.errors import OutboxFull, OutboxUnusable
from auth.outbox.beside import OutboxBeside
from auth.outbox.item import Item, Letter
from auth.outbox.outbox import Outbox
from auth.outbox.overview import CAPACITY, Overview, Taken
from auth.outbox.sealing import KeyBox, OpenerBox
from auth.outbox.states import Event, NotInTable, State

__all__ = [
    "CAPACITY",
    "Event",
    "Item",
    "KeyBox",
    "Letter",
    "NotInTable",
    "OpenerBox",
    "Outbox",
    "OutboxBeside",
    "OutboxFull",
    "OutboxUnusable",
    "Overview",
    "State",
    "Taken",
]
