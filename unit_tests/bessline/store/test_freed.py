"""Freed memory: what was touched once costs no page faults again."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, numpy
from bessline.store.freed import keep_freed
keep_freed({array_bytes})
def touch():
    return [numpy.ones(1 << 17) for _ in range(4)]
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are left as they are")
def test_arrays_are_made_of_memory_that_was_freed() -> None:
    """A MB each, ten times four of them: of 10,240 pages none is asked for again; beyond the size nearly all are."""

    def faults(array_bytes: int) -> int:
        program = [sys.executable, "-c", PROGRAM.format(array_bytes=array_bytes)]
        return int(subprocess.run(program, capture_output=True, text=True, check=True).stdout)

    assert faults(8 << 20) < 500
    assert faults(64 << 10) > 5_000
