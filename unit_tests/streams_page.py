"""The examples of docs/streams.md, made to run against a quick server of a test."""

from __future__ import annotations

import re
import sys

from unit_tests.served import EVERY, ROOT

PAGE = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")


def examples(language: str, url: str) -> list[str]:
    """The blocks in `language`, with the server's address and the quickest rate instead of a reading a second."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    quick = {"http://127.0.0.1:8002": url, "python main.py": f"{sys.executable} main.py"}
    quick |= {f"interval{sign}1": f"interval{sign}{EVERY}" for sign in ("=", " ")}
    quick |= {'interval: "1"': f'interval: "{EVERY}"', "interval=0.5": f"interval={EVERY}"}
    for old, new in quick.items():
        found = [block.replace(old, new) for block in found]
    return found
