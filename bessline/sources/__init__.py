"""Where readings come from: one file a format, one `Source` for all."""

from typing import TYPE_CHECKING

from bessline.later import homes
from bessline.sources.base import (
    MISSING_MARKERS,
    REJECT_SCHEMA,
    Float64,
    Int64,
    Job,
    Note,
    Part,
    Rejects,
    Rows,
    SignalId,
    Source,
)
from bessline.sources.local_time import check_zone

if TYPE_CHECKING:
    from bessline.sources.opening import open_source

__all__ = [
    "MISSING_MARKERS",
    "REJECT_SCHEMA",
    "Float64",
    "Int64",
    "Job",
    "Note",
    "Part",
    "Rejects",
    "Rows",
    "SignalId",
    "Source",
    "check_zone",
    "open_source",
]
__getattr__ = homes(__name__, {"open_source": "opening"})
