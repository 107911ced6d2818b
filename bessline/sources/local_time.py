"""Stamps of a plant's wall clock -> UTC, block by block, both days of summer time included."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from bessline.errors import SourceError
from bessline.sources.base import Int64, Note
from bessline.sources.seconds import Seconds, Stamps, earlier, t_ms_of, ticks_of

Ambiguous = Literal["infer", "earliest", "latest", "reject"]
Mask = npt.NDArray[np.bool_]
Problems = npt.NDArray[np.uint8]

MISSING_HOUR, REPEATED_HOUR = 1, 2
_HALF_HOUR_MS = 1_800_000
#: No zone has changed its clocks twice within six days since 1970.
_SAMPLE_S = 24 * 3600


def check_zone(name: str) -> str:
    """Return `name` if it is an IANA zone.

    Raises
    ------
    SourceError
        naming the zones nearest to it.

    >>> check_zone("Asia/Kolkata")
    'Asia/Kolkata'
    """
    known = available_timezones()
    if name in known:
        return name
    folded = {zone.lower(): zone for zone in known}
    near = [folded[match] for match in difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)]
    hint = f"did you mean {' or '.join(near)}?" if near else "write an IANA name such as Europe/Berlin"
    raise SourceError(f"timezone {name!r} is unknown; {hint}")


@dataclass(frozen=True, slots=True)
class Transition:
    """The clocks change at `utc_ms`, from UTC offset `before` to `after` (all in milliseconds)."""

    utc_ms: int
    before: int
    after: int

    @property
    def opens(self) -> int:
        """First local stamp that does not exist or comes twice."""
        return self.utc_ms + min(self.before, self.after)

    @property
    def closes(self) -> int:
        """First local stamp after it."""
        return self.utc_ms + max(self.before, self.after)

    @property
    def is_fold(self) -> bool:
        return self.after < self.before


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _offset_ms(zone: str, utc_s: int) -> int:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=utc_s)
    offset = instant.astimezone(_zone(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


@lru_cache(maxsize=4096)
def _transitions_of(zone: str, year: int) -> tuple[Transition, ...]:
    start, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    days = range(start, end, _SAMPLE_S)
    offsets = itertools.pairwise(_offset_ms(zone, second) for second in range(start, end + 1, _SAMPLE_S))
    return tuple(
        Transition(_bisect(zone, low, before) * 1000, before, after)
        for low, (before, after) in zip(days, offsets, strict=True)
        if before != after
    )


def _bisect(zone: str, low: int, before: int) -> int:
    high = low + _SAMPLE_S
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_ms(zone, middle) == before else (low, middle)
    return high


def transitions(zone: str, low_ms: int, high_ms: int) -> tuple[Transition, ...]:
    """The changes of the clocks in `zone` in every year that [low_ms, high_ms] touches, and the years beside them.

    >>> [str(np.datetime64(t.utc_ms, "ms")) for t in transitions("Europe/Berlin", 0, 0)]
    []
    """
    first, last = (int(np.datetime64(ms, "ms").astype("datetime64[Y]").astype(int)) + 1970 for ms in (low_ms, high_ms))
    return tuple(t for year in range(first - 1, last + 2) for t in _transitions_of(zone, year))


@dataclass(slots=True)
class _Fold:
    """What a file has shown so far of one hour that comes twice."""

    second: bool = False
    first_rows: int = 0
    second_rows: int = 0


@dataclass(frozen=True, slots=True)
class Converted:
    """`stamps`: n, UTC. `problem`: uint8[n] of 0, MISSING_HOUR, REPEATED_HOUR; ``None`` where all is well."""

    stamps: Stamps
    problem: Problems | None

    @property
    def t_ms(self) -> Int64:
        """The stamps as int64[n] milliseconds."""
        return t_ms_of(self.stamps)


class LocalTime:
    """Reads one file's naive stamps, in the order of the file; carries from block to block what the order tells.

    Parameters
    ----------
    zone: IANA name.
    ambiguous: how to read the hour that comes twice when the clocks go back. ``infer``: the first pass until the
        stamps step back by more than 30 minutes (or half of a shorter fold), then the second. Rows half an hour apart
        or more need step back only as far as a second pass at their own pace does: hourly ones repeat a stamp.

    >>> clock = LocalTime("Europe/Berlin")
    >>> stamps = np.array(["2024-10-27T02:30", "2024-10-27T02:00"], "datetime64[ms]")  # a step of just 30 minutes
    >>> [str(t) for t in clock.to_utc(stamps.astype(np.int64)).t_ms.astype("datetime64[ms]").astype("datetime64[m]")]
    ['2024-10-27T00:30', '2024-10-27T00:00']
    """

    def __init__(self, zone: str, *, ambiguous: Ambiguous = "infer") -> None:
        self.zone, self.ambiguous = zone, ambiguous
        self._last: tuple[int, int] | None = None
        self._folds: dict[Transition, _Fold] = {}

    def fork(self) -> LocalTime:
        """A copy to try a block with; keep it or drop it."""
        other = copy(self)
        other._folds = {change: copy(fold) for change, fold in self._folds.items()}
        return other

    def to_utc(self, local: Stamps) -> Converted:
        """Convert n stamps of the wall clock, years 1970 to 2200; seconds stay seconds."""
        if not len(local):
            return Converted(local, None)
        number, tick_ms = ticks_of(local)
        low, high = int(number.min()) * tick_ms, int(number.max()) * tick_ms
        changes = transitions(self.zone, low, high)
        near = [change for change in changes if change.opens <= high and low < change.closes]
        starts, offsets = self._offsets(changes, low=low, high=high)
        if near or len(starts):
            local_ms = t_ms_of(local)
            t_ms = local_ms - offsets[np.searchsorted(starts, local_ms, side="right")]
            problem, met = self._settle(local_ms, t_ms, near)
            stamps = (Seconds.of(t_ms) or t_ms) if isinstance(local, Seconds) else t_ms
        else:
            stamps, problem, met = earlier(local, int(offsets[0])), None, []
        self._forget_folds_ahead_of(low, met)
        last, before = (int(each) * tick_ms for each in (number[-1], number[-2:][0]))
        self._last = last, before if len(number) > 1 or self._last is None else self._last[0]
        return Converted(stamps, problem)

    def _offsets(self, changes: tuple[Transition, ...], *, low: int, high: int) -> tuple[Int64, Int64]:
        """The first stamps of each new offset from UTC between the stamps `low` and `high`, and the offsets there."""
        if not changes:
            return np.empty(0, np.int64), np.array([_offset_ms(self.zone, low // 1000)])
        starts = np.array([change.closes for change in changes], np.int64)
        offsets = np.array([changes[0].before, *(change.after for change in changes)], np.int64)
        at_low, at_high = np.searchsorted(starts, [low, high], side="right")
        return starts[at_low:at_high], offsets[at_low : at_high + 1]

    def _settle(
        self, local_ms: Int64, t_ms: Int64, changes: Iterable[Transition]
    ) -> tuple[Problems | None, list[Transition]]:
        """Look at the rows inside of `changes`, and move those of a second pass; returns which changes have any."""
        problem: Problems | None = None
        met = []
        for change in changes:
            inside = (local_ms >= change.opens) & (local_ms < change.closes)
            if not inside.any():
                continue
            met.append(change)
            if not change.is_fold or self.ambiguous == "reject":
                problem = np.zeros(len(local_ms), np.uint8) if problem is None else problem
                problem[inside] = REPEATED_HOUR if change.is_fold else MISSING_HOUR
            else:
                t_ms[inside] += self._second_pass(local_ms, inside, change) * (change.before - change.after)
        return problem, met

    def _second_pass(self, local_ms: Int64, inside: Mask, change: Transition) -> Int64:
        """0 or 1 for each row inside the fold: which of the two hours it belongs to."""
        fold = self._folds.setdefault(change, _Fold())
        rows = np.flatnonzero(inside)
        if self.ambiguous == "infer":
            second = self._inferred(local_ms, rows, change)
            fold.second = bool(second[-1]) and not bool((local_ms[rows[-1] :] < change.opens).any())
        else:
            second = np.full(len(rows), self.ambiguous == "latest")
        fold.second_rows += int(second.sum())
        fold.first_rows += int((~second).sum())
        return second.astype(np.int64)

    def _inferred(self, local_ms: Int64, rows: Int64, change: Transition) -> Mask:
        length = change.closes - change.opens
        last, before_last = self._before(local_ms)
        previous = np.concatenate(([last], local_ms[:-1]))[rows]
        pace = previous - np.concatenate(([before_last, last], local_ms[:-2]))[: len(local_ms)][rows]
        back = previous - local_ms[rows]
        far = back > min(_HALF_HOUR_MS, length // 2)
        far |= (pace >= length // 2) & (back >= np.maximum(0, length - pace))
        stepped = (previous >= change.opens) & (previous < change.closes) & far
        # A stamp from before the fold means that the walk began anew (a file appended twice): so does the first pass.
        resets = np.flatnonzero(local_ms < change.opens)
        epoch = np.searchsorted(resets, rows)
        last_step = np.maximum.accumulate(np.where(stepped, np.arange(len(rows)), -1))
        stepped_in = np.where(last_step >= 0, epoch[last_step], -1)
        carried = self._folds[change].second & (epoch == 0)
        result: Mask = (stepped_in == epoch) | carried
        return result

    def _before(self, local_ms: Int64) -> tuple[int, int]:
        """The last stamp before this block and the one before that; at the start of a file its first stamp."""
        return (int(local_ms[0]), int(local_ms[0])) if self._last is None else self._last

    def _forget_folds_ahead_of(self, low: int, met: Sequence[Transition]) -> None:
        for change, fold in self._folds.items():
            if low < change.opens and change not in met:
                fold.second = False

    def reason(self, problem: int) -> str:
        """Why a row with that problem is rejected."""
        if problem == MISSING_HOUR:
            return f"this local time does not exist in {self.zone}: the clocks went forward over it; check the zone"
        return f"this local time comes twice in {self.zone} and the description says `ambiguous: reject`"

    def notes(self) -> Iterator[Note]:
        """How the repeated hours of the file were read, one note for each."""
        for change, fold in sorted(self._folds.items(), key=lambda item: item[0].utc_ms):
            day = np.datetime64(change.opens, "ms").astype("datetime64[m]")
            hour = f"local time from {str(day).replace('T', ' ')} on comes twice in {self.zone}"
            if self.ambiguous != "infer":
                how = f"read as the {'second' if self.ambiguous == 'latest' else 'first'} pass, as described"
            elif fold.second_rows:
                how = f"stamps step back: {fold.first_rows} rows are the first pass, {fold.second_rows} the second"
            else:
                how = "stamps show one pass only, read as the first"
            yield Note(f"{hour}; {how}", fold.first_rows + fold.second_rows)
