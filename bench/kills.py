"""kill -9 at random moments of an ingest: the store opens every time, and the rerun ends with the undisturbed rows."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.server import ROOT
from bessline.demo import make_demo
from bessline.errors import StoreMissing
from bessline.managers import Managers
from bessline.store import Store

KILLS = 20


def main(folder: Path) -> None:
    """Twenty kills at moments drawn over the length of an undisturbed run."""
    raw, store = folder / "week", folder / "killed"
    if not raw.exists():
        make_demo(raw, days=7, devices=2, seed=3)
    undisturbed = folder / "undisturbed"
    shutil.rmtree(undisturbed, ignore_errors=True)
    began = time.monotonic()
    _ingest(raw, undisturbed).wait()
    length_s, expected = time.monotonic() - began, fingerprint(undisturbed)
    same = opened = 0
    for kill in range(KILLS):
        shutil.rmtree(store, ignore_errors=True)
        after_s = random.Random(kill).uniform(0.2, length_s)
        victim = _ingest(raw, store)
        time.sleep(after_s)
        victim.kill()
        victim.wait()
        opened += _opens(store)
        _ingest(raw, store).wait()
        same += fingerprint(store) == expected
    print(f"{KILLS} kills within {length_s:.1f} s: store opened {opened}, same rows after a rerun {same}")
    files = sorted(path.name for path in (store / "devices").rglob("*.parquet"))
    _ingest(raw, store).wait()
    again = sorted(path.name for path in (store / "devices").rglob("*.parquet"))
    print(f"ingesting again changes nothing: {files == again and fingerprint(store) == expected}")


def _ingest(raw: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "main.py"), "ingest", str(raw), "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _opens(store: Path) -> bool:
    try:
        Store.open(store)
    except StoreMissing:
        return not (store / "manifest.json").exists()  # killed before the store began
    return True


def fingerprint(store: Path) -> list[tuple[str, str, bytes]]:
    """Every stored value and every reading's stamp of a store, as bytes that can be compared."""
    opened, found = Store.open(store), []
    for device_id, device in sorted(opened.devices.items()):
        for name, signal in sorted(device.signals.items()):
            t_ms, value = opened.column(signal.file).between(-(2**60), 2**60)
            found.append((device_id, name, t_ms.tobytes() + value.tobytes()))
    for topic, manager in Managers(opened).items():
        for device_id in manager.devices():
            stamps = b"".join(part.t_ms.tobytes() for part in manager.walk(device_id, fields=(), chunk=100_000))
            found.append((device_id, topic, stamps))
    return found
