"""What happened first stands first, whatever clock and calendar say (row L10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from auth.device import SoftwareSigner
from auth.ledger import Act, ActKind, Ledger

HANOI = timezone(timedelta(hours=7))
SUMMER, WINTER = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))

# In the order in which they happen; wall clocks were set, zones changed, and the calendar has its odd days.
MOMENTS = (
    datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=HANOI),
    datetime(2027, 1, 1, 0, 0, 0, tzinfo=HANOI),
    datetime(2027, 10, 31, 2, 30, tzinfo=SUMMER),
    datetime(2027, 10, 31, 2, 30, tzinfo=WINTER),
    datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 0, 0, tzinfo=UTC),
    datetime(2028, 3, 1, 0, 0, 0, tzinfo=UTC),
    datetime(2000, 1, 1, 0, 0, 0, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2050, 1, 1, 0, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 1, 12, 0, 0, tzinfo=HANOI),
)


def test_l10_the_order_is_that_of_the_log_and_no_moment_is_lost(tmp_path: Path) -> None:
    signer = SoftwareSigner.generate()
    ledger = Ledger(tmp_path / "ledger.db", signer, machine="")
    for number, moment in enumerate(MOMENTS):
        ledger.append(Act(ActKind.ASKED, moment, lookup=f"look-up-{number}"))
    signed = ledger.checkpoint(MOMENTS[-1])
    ledger.close()
    again = Ledger(tmp_path / "ledger.db", signer, machine="")
    acts = [Act.from_leaf(leaf) for _, leaf in again.leaves()]
    assert [act.lookup for act in acts] == [f"look-up-{number}" for number in range(len(MOMENTS))]
    assert [act.at for act in acts] == list(MOMENTS), "the same instants, in whatever zone they were"
    assert all(act.at.utcoffset() == timedelta(0) for act in acts), "and all of them in UTC"
    assert signed.checkpoint.size == len(MOMENTS)
    again.close()


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_l10_a_checkpoint_made_at_any_moment_verifies(tmp_path: Path, moment: datetime) -> None:
    signer = SoftwareSigner.generate()
    ledger = Ledger(tmp_path / "ledger.db", signer, machine="")
    ledger.append(Act(ActKind.ASKED, moment, lookup="one"))
    ledger.checkpoint(moment)
    # The clock is set back by a day, and the log goes on all the same.
    ledger.append(Act(ActKind.NOT_ANSWERED, moment - timedelta(days=1), lookup="one"))
    later = ledger.checkpoint(moment - timedelta(days=1))
    assert later.checkpoint.size == 2
    ledger.close()
    again = Ledger(tmp_path / "ledger.db", signer, machine="")
    assert again.size == 2
    again.close()
