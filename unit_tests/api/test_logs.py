"""Log lines go to stderr in one shape, unless somebody has said otherwise."""

import subprocess
import sys

SCRIPT = """
import logging, structlog
from api.logs import configure_logs
{before}
configure_logs()
configure_logs()
structlog.get_logger().info("ours", device="b1")
logging.getLogger("lib").warning("theirs %s", 1)
logging.getLogger("uvicorn.error").info("noise")
"""


def lines(before: str = "") -> tuple[str, list[str]]:
    script = SCRIPT.format(before=before)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr.splitlines()


def test_ours_and_theirs_look_alike_and_come_once() -> None:
    out, (ours, theirs) = lines()
    assert out == ""
    assert "ours" in ours
    assert "device=b1" in ours
    assert "theirs 1" in theirs
    assert ours.split("[")[0].strip().endswith("Z")
    assert theirs.split("[")[0].strip().endswith("Z")


def test_who_has_said_where_logs_go_is_obeyed() -> None:
    _, found = lines("logging.basicConfig(format='mine:%(message)s')")
    assert "mine:theirs 1" in found


def test_no_traceback_shows_a_key() -> None:
    """A traceback says where, never with which values: a request's headers carry keys."""
    program = (
        "import structlog\nfrom api.logs import configure_logs\nconfigure_logs()\n"
        "def fail(headers):\n    raise ValueError('boom')\n"
        "try:\n    fail({'authorization': 'Bearer ' + 'sek' + 'rit'})\n"
        "except ValueError:\n    structlog.get_logger().exception('failed')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "ValueError: boom" in done.stderr
    assert "sekrit" not in done.stderr
