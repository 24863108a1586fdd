"""What the housing register knows: filled from the personas, asked by number and name, or by a certificate too."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from mock_cards.personas import HousingDwelling, Persona
from mock_registers.holding_query import HoldingQuery, Named, old_numbers
from mock_registers.housing_messages import DwellingRecord, DwellingsRecord, EncumbranceRecord, TransactionRecord
from mock_registers.housing_tables import DwellingRow, OwnerRow
from mock_registers.messages import Citizen
from mock_registers.replacing import put_rows
from mock_registers.storage import Storage, fold_name

__all__ = ["HousingStorage"]

_LISTS = ("owners", "encumbrances", "transactions")
_FIELDS = tuple(name for name in DwellingRecord.model_fields if name not in _LISTS)
_DWELLINGS = HoldingQuery(DwellingRow, OwnerRow, "dwelling_key")


class HousingStorage:
    """Keep dwellings beside what the other registers keep."""

    def __init__(self, storage: Storage) -> None:
        self._database = storage.database

    def fill(self, personas: Iterable[Persona]) -> None:
        """Write the personas' dwellings; what is there already under the same key is replaced."""
        # As with the other registers: two servers that start at once take turns.
        with self._database.alone() as connection, Session(connection) as session:
            rows = (_dwelling_row(dwelling) for persona in personas for dwelling in persona.dwellings)
            put_rows(session, DwellingRow.key, rows)

    def find_dwellings(self, citizen: Citizen) -> DwellingsRecord:
        """Return the dwellings that an owner of this name owns under the new number or an old one.

        The old number comes from the request and from the population register, as the two are matched.
        """
        old = old_numbers(self._database, citizen)
        return DwellingsRecord(
            personal_number=citizen.personal_number,
            old_numbers=tuple(sorted(old)),
            dwellings=tuple(map(_dwelling_record, _DWELLINGS.find(self._database, citizen, old))),
        )

    def find_by_certificate(self, citizen: Citizen, certificate: str) -> DwellingsRecord:
        """Return of the citizen's dwellings those under ``certificate``; blanks and small letters do not matter."""
        found = self.find_dwellings(citizen)
        wanted = _plain(certificate)
        under = tuple(dwelling for dwelling in found.dwellings if _plain(dwelling.certificate_serial) == wanted)
        return found.model_copy(update={"dwellings": under})


def _plain(serial: str) -> str:
    return "".join(serial.split()).upper()


def _dwelling_row(dwelling: HousingDwelling) -> DwellingRow:
    key = f"{dwelling.certificate_serial}/{dwelling.block}/{dwelling.floor}/{dwelling.number}"
    fields = {name: getattr(dwelling, name) for name in _FIELDS}
    fields["issued"] = dwelling.issued or None
    fields["ownership_term"] = dwelling.ownership_term or None
    owners = [
        OwnerRow(
            dwelling_key=key,
            position=position,
            number=owner.number,
            name_key=fold_name(owner.full_name),
            full_name=owner.full_name,
            date_of_birth=owner.date_of_birth or None,
            address=owner.address,
        )
        for position, owner in enumerate(dwelling.owners)
    ]
    encumbrances: list[dict[str, str | None]] = [
        {"kind": entry.kind, "holder": entry.holder, "since": entry.since or None, "reference": entry.reference}
        for entry in dwelling.encumbrances
    ]
    transactions: list[dict[str, str | None]] = [
        {"kind": entry.kind, "day": entry.day or None, "reference": entry.reference} for entry in dwelling.transactions
    ]
    return DwellingRow(**fields, key=key, owners=owners, encumbrances=encumbrances, transactions=transactions)


def _dwelling_record(named: Named) -> DwellingRecord:
    row, owners = named
    return DwellingRecord(
        **{name: getattr(row, name) for name in _FIELDS},
        owners=owners,
        encumbrances=tuple(EncumbranceRecord.model_validate(entry) for entry in row.encumbrances),
        transactions=tuple(TransactionRecord.model_validate(entry) for entry in row.transactions),
    )
