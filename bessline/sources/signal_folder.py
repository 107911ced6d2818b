"""Folders of one file a signal: ``BESS/<device>/<signal>.csv``, ``meter/<m>/<signal>.csv``, or any like them."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from bessline.errors import DescriptionError, EmptySource, SourceError, ZoneMissing
from bessline.signals import classify, lookup
from bessline.sources.base import SignalId, Source
from bessline.sources.csv_head import read_head
from bessline.sources.csv_table import Zone
from bessline.sources.described import check_device
from bessline.sources.description import SignalFolderDescription
from bessline.sources.discovery import discover, kinds_of
from bessline.sources.signal_file import SignalFileJob
from bessline.sources.signal_parquet import SignalParquetJob
from bessline.sources.units import Scaling

PARQUET = ".parquet"
SUFFIXES = (".csv", PARQUET)
_LOOKED_FOR = "BESS/<device>/<signal>.csv, meter/<meter>/<signal>.csv, or any folder of files of one signal"


def open_signal_folder(
    path: Path,
    description: SignalFolderDescription | None,
    *,
    timezone: str | None,
    prefix: str,
    described: Path | None,
) -> Source:
    """Discover the signal files of `path`, a folder or one such file.

    Raises
    ------
    EmptySource
        when there is no CSV and no Parquet in it.
    ZoneMissing
        when a file's stamps are naive and no zone is known.
    DescriptionError
        when the description at `described` maps a folder that is not there.
    """
    said = description or SignalFolderDescription(kind="signal_folder")
    found = discover(path, SUFFIXES)
    if not found.files and not found.refused:
        instead = f"; it holds {kinds_of(found.ignored)}" if found.ignored else ""
        raise EmptySource(f"found no data; looked for {_LOOKED_FOR}{instead}", path=path)
    refused = list(found.refused)
    folders = _by_folder(found.files)
    names = {folder: _names(folder, path) for folder in folders}
    _check_mapping(said, names.values(), described=described)
    ids = _device_ids(names, said.devices, prefix=prefix or said.prefix, refused=refused)
    zone = Zone(timezone or said.timezone, said.ambiguous)
    jobs = [job for folder, device in ids.items() for job in _jobs(folders[folder], device, said, zone, refused)]
    return Source(
        path=path,
        kind="signal folder",
        timezone=zone.name,
        whole_rows=False,
        jobs=tuple(jobs),
        refused=tuple(refused),
        hold_s=said.hold_s,
        ignored=tuple(found.ignored),
    )


def _by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    folders: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        folders[file.parent].append(file)
    return folders


def _names(folder: Path, root: Path) -> tuple[str, str]:
    """What a description may call the folder: its path below the root, and its name."""
    return folder.relative_to(root).as_posix(), folder.resolve().name if folder == root else folder.name


def _check_mapping(said: SignalFolderDescription, names: Iterable[tuple[str, str]], *, described: Path | None) -> None:
    known = sorted({name for pair in names for name in pair} - {"."})
    for key in said.devices:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {', '.join(known[:12])}"
            raise DescriptionError(f"devices: no folder {key!r} holds data files; {hint}", path=described)


def _device_ids(
    names: dict[Path, tuple[str, str]], mapping: dict[str, str], *, prefix: str, refused: list[SourceError]
) -> dict[Path, str]:
    """The device of each folder; folders whose id does not fit or is not theirs alone go to `refused`."""
    ids = {folder: prefix + mapping.get(inner, mapping.get(name, name)) for folder, (inner, name) in names.items()}
    good: dict[Path, str] = {}
    for folder, device in ids.items():
        inner, name = names[folder]
        twins = [str(other) for other, same in ids.items() if same == device and other != folder]
        if twins:
            way = (
                f"map them in bessline.yaml (`devices: {{{inner!r}: another-name}}`), or ingest each with its --prefix"
            )
            refused.append(SourceError(f"is device {device!r}, and so is {', '.join(twins)}; {way}", path=folder))
            continue
        try:
            good[folder] = check_device(device)
        except ValueError as error:
            way = f"or map it in bessline.yaml: `devices: {{{name!r}: a-good-name}}`"
            refused.append(SourceError(f"{error}; rename the folder, {way}", path=folder))
    return good


def _jobs(
    files: list[Path], device: str, said: SignalFolderDescription, zone: Zone, refused: list[SourceError]
) -> Iterator[SignalFileJob | SignalParquetJob]:
    taken: dict[SignalId, Path] = {}
    for file in files:
        signal = _signal(device, file.stem)
        if signal in taken:
            message = f"is the same signal ({signal}) as {taken[signal].name}; keep one of the two"
            refused.append(SourceError(message, path=file))
            continue
        taken[signal] = file
        try:
            yield _job(file, signal, said, zone)
        except ZoneMissing:
            raise
        except SourceError as error:
            refused.append(error)


def _job(file: Path, signal: SignalId, said: SignalFolderDescription, zone: Zone) -> SignalFileJob | SignalParquetJob:
    """The job of one file, whose head was read."""
    row = lookup(signal.topic, signal.field)
    scaling = Scaling(negate=said.positive == "charge" and row is not None and row.sign == "discharge positive")
    if file.suffix.lower() == PARQUET:
        table = SignalParquetJob(file, (signal,), zone, scaling, row is not None and row.kind == "flag")
        table.check()
        return table
    job = SignalFileJob(file, (signal,), zone, scaling, said.cells)
    job.layout(read_head(file, delimiter=said.cells.delimiter))
    return job


def _signal(device: str, stem: str) -> SignalId:
    topic, field = classify(stem)
    if topic == "unclassified":
        field = re.sub(r"[^a-z0-9_.-]+", "_", field)[:64].lstrip("._-") or "signal"
    return SignalId(device, topic, field)
