"""Cursors: opaque to the client, self-checking for us. One continues exactly after the row that it was given with."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Annotated

import orjson
from pydantic import Field

from bessline.errors import BadCursor

_VERSION = 1
_CHECK_BYTES = 9
_LONGEST = 8192
#: More rows than any store holds, and still a whole number everywhere.
_FARTHEST = 2**53
#: The parameters that say where a page begins.
Skip = Annotated[
    int | None, Field(ge=0, le=_FARTHEST, description="a whole number from 0: offset from the start of the range")
]
Continued = Annotated[str | None, Field(description="next_cursor or tail_cursor of an earlier answer; excludes skip")]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a walk through [start_ms, end_ms) of `topic` of `device_id`.

    `after_ms` is the stamp of the last row given, None before the first. `fields` are those asked for, None is all.
    """

    device_id: str
    topic: str
    start_ms: int | None
    end_ms: int | None
    fields: tuple[str, ...] | None
    after_ms: int | None

    @property
    def resume_ms(self) -> int | None:
        """Where the walk goes on."""
        return self.start_ms if self.after_ms is None else self.after_ms + 1

    def write(self, store_id: str) -> str:
        """The cursor as text, good for the store `store_id` alone.

        >>> cursor = Cursor("batt1", "bms", None, None, None, 5)
        >>> Cursor.read(cursor.write("00c0ffee"), "00c0ffee", device_id="batt1", topic="bms") == cursor
        True
        """
        body = orjson.dumps(
            (self.device_id, self.topic, self.start_ms, self.end_ms, self.fields, self.after_ms),
        )
        return sealed(body, store_id)

    @classmethod
    def read(cls, text: str, store_id: str, *, device_id: str, topic: str) -> Cursor:
        """The inverse of `write`.

        Raises
        ------
        BadCursor
            it is damaged, or was given by another store, for another device or for another topic.
        """
        body = unsealed(text, store_id)
        own_device, own_topic, start_ms, end_ms, fields, after_ms = orjson.loads(body)
        if (own_device, own_topic) != (device_id, topic):
            raise BadCursor(f"this cursor belongs to {own_topic} of {own_device}; use it there")
        return cls(device_id, topic, start_ms, end_ms, None if fields is None else tuple(fields), after_ms)


def sealed(body: bytes, store_id: str) -> str:
    """`body` as the text of a cursor of the store `store_id`."""
    return base64.urlsafe_b64encode(_check(body, store_id) + body).rstrip(b"=").decode()


def unsealed(text: str, store_id: str) -> bytes:
    """The inverse of `sealed`; raises `BadCursor` for what that did not make."""
    try:
        if len(text) > _LONGEST:
            raise ValueError
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    # a text that decodes alike but is spelt otherwise is not what we gave
    if not body or check != _check(body, store_id) or sealed(body, store_id) != text:
        raise BadCursor("this cursor is damaged or of another store; begin again without it")
    return body


def _check(body: bytes, store_id: str) -> bytes:
    key = f"cursor {_VERSION} {store_id}".encode()
    return hashlib.blake2b(body, key=key, digest_size=_CHECK_BYTES).digest()
