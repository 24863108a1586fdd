"""One door to the data groups that are read for their structure only: DG3 to DG12 and DG16."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from reader.lds.dg3 import Dg3, parse_dg3
from reader.lds.dg4 import Dg4, parse_dg4
from reader.lds.dg5 import Dg5, parse_dg5
from reader.lds.dg7 import Dg7, parse_dg7
from reader.lds.dg11 import Dg11, parse_dg11
from reader.lds.dg12 import Dg12, parse_dg12
from reader.lds.dg16 import Dg16, parse_dg16
from reader.lds.open_group import OpenGroup, parse_open_group

__all__ = ["OtherGroup", "parse_other_group"]

OtherGroup = Dg3 | Dg4 | Dg5 | Dg7 | Dg11 | Dg12 | Dg16 | OpenGroup


def parse_other_group(raw: bytes, data_group: int) -> OtherGroup:
    """Parse data group 3 to 12 or 16; raise DataError where it is malformed, ValueError for another number."""
    parsers: dict[int, Callable[[bytes], OtherGroup]] = {
        3: parse_dg3,
        4: parse_dg4,
        5: parse_dg5,
        7: parse_dg7,
        11: parse_dg11,
        12: parse_dg12,
        16: parse_dg16,
    }
    return parsers.get(data_group, partial(parse_open_group, data_group=data_group))(raw)
