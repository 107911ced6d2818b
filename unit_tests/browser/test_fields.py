"""One schema for server and page: what the page names stands in the catalogue, and only `fields.js` names anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bessline.signals import BESS_TOPICS, READING_TOPICS, catalogue, fields_of

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
FIELDS = SCRIPTS / "fields.js"
STRING = re.compile(r"""["'`]([^"'`\n]*)["'`]""")
#: Words of the language of pages that are fields too.
ALSO_WORDS = {"current", "voltage", "temperature", "humidity"}


def strings_of(script: Path) -> set[str]:
    """Every string of a script, comments left out."""
    lines = script.read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if not line.lstrip().startswith(("//", "/**", "*"))]
    return set(STRING.findall("\n".join(code)))


def named() -> set[str]:
    return {text for text in strings_of(FIELDS) if re.fullmatch(r"[a-z]+\.[a-z0-9_]+", text)}


def test_every_field_the_page_names_is_in_the_catalogue() -> None:
    """A figure whose field the server never sends would stay empty for ever."""
    assert len(named()) > 10
    assert named() <= {f"{signal.topic}.{signal.field}" for signal in catalogue()}


def test_the_groups_of_the_page_are_the_topics_of_readings() -> None:
    """A topic that the page did not know would come last under a bare code."""
    block = FIELDS.read_text(encoding="utf-8").split("export const GROUPS")[1]
    assert re.findall(r'\["([a-z]+)"', block) == list(READING_TOPICS)


@pytest.mark.parametrize("script", sorted(set(SCRIPTS.rglob("*.js")) - {FIELDS}), ids=lambda path: path.name)
def test_no_other_script_names_a_field(script: Path) -> None:
    """A name in a second place is a name that drifts."""
    fields = {field for topic in READING_TOPICS for field in fields_of(topic)}
    joint = {f"{topic}_{field}" for topic in BESS_TOPICS for field in fields_of(topic)}
    strings = strings_of(script)
    assert not strings & ((fields | joint) - ALSO_WORDS)
    assert not strings & {f"{signal.topic}.{signal.field}" for signal in catalogue()}


def test_the_scripts_keep_to_the_strict_policy() -> None:
    """Inline code, inline style and foreign addresses are refused by the policy, so none may be written."""
    pages = list((SCRIPTS.parent).glob("*.html"))
    assert {page.name for page in pages} >= {"index.html", "docs.html"}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|(src|href)=\"(https?:)?//", text), (
            page
        )


@pytest.mark.parametrize("vendor", ["uplot", "swagger-ui", "redoc"])
def test_what_is_vendored_carries_its_licence_and_no_map(vendor: str) -> None:
    """Somebody else's work stays theirs, and a map that is not here must not be asked for."""
    folder = SCRIPTS.parent / "vendor" / vendor
    assert (folder / "LICENSE").is_file()
    for file in (*folder.glob("*.js"), *folder.glob("*.css")):
        last = file.read_text(encoding="utf-8").rstrip().splitlines()[-1]
        assert not last.startswith(("//# sourceMappingURL", "/*# sourceMappingURL")), file
