"""``python -m bench [NAME...]``: each prints our figure and the peer's, taken in one run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench import (
    accuracy,
    accuracy_demo,
    analytics,
    degradation,
    detect,
    growth,
    history,
    ingest,
    kills,
    kills_analytics,
    post_to_event,
    posts,
    responsive,
    resume,
    series,
    startup,
    stream_checks,
    streams,
)

BENCHES = {
    "ingest": ingest.main,
    "growth": growth.main,
    "history": history.main,
    "series": series.main,
    "startup": startup.main,
    "responsive": responsive.main,
    "streams": streams.main,
    "stream-checks": stream_checks.main,
    "kills": kills.main,
    "kills-analytics": kills_analytics.main,
    "resume": resume.main,
    "posts": posts.main,
    "post-to-event": post_to_event.main,
    "analytics": analytics.main,
    "accuracy": accuracy.main,
    "degradation": degradation.main,
    "accuracy-demo": accuracy_demo.main,
    "detect": detect.main,
}

if __name__ == "__main__":
    work = Path(os.environ.get("BESSLINE_BENCH", ".bench"))
    work.mkdir(exist_ok=True)
    for name in sys.argv[1:] or BENCHES:
        BENCHES[name](work)
