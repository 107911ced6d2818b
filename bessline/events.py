"""Server-Sent Events as a client reads them: bytes in, events out. No socket, no clock.

Not httpx-sse's decoder: after the first id it gives an empty event for every heartbeat, keeps a byte order mark in the
first field, holds a line that ends in a lone CR back, and takes an id whose event was cut off by a broken connection.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n?|\n")
_BOM = b"\xef\xbb\xbf"
_RETRY_DIGITS = 9


class Message(NamedTuple):
    """One event. `name` is ``message`` where the stream gave none; `id` is the last id up to here."""

    name: str
    data: str
    id: str


class Decoder:
    """Reads one connection, however its bytes are cut (WHATWG HTML, section 9.2.6).

    `last_id` is the id of the last complete event, ``""`` at first; `retry_ms` is how long the server wants a client to
    wait before it comes back, None until it said so.

    >>> decoder = Decoder()
    >>> decoder.feed(b"retry: 2000\\nid: 7\\nda"), decoder.feed(b"ta: {}\\n\\n: heartbeat\\n\\nid: 8\\n")
    ([], [Message(name='message', data='{}', id='7')])
    >>> decoder.retry_ms, decoder.last_id
    (2000, '7')
    """

    def __init__(self) -> None:
        self.last_id = ""
        self.retry_ms: int | None = None
        self._held: list[bytes] = []
        self._after_cr, self._begun = False, False
        self._name, self._id, self._data = "", "", list[str]()

    def feed(self, chunk: bytes) -> list[Message]:
        """The events that these bytes complete, in order."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        first, *rest = _LINE_END.split(chunk)
        self._held.append(first)
        if not rest:
            return []
        lines, self._held = [b"".join(self._held), *rest[:-1]], [rest[-1]]
        return [message for line in lines if (message := self._line(line))]

    def _line(self, line: bytes) -> Message | None:
        if not self._begun:
            self._begun, line = True, line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        self._field(name, value.removeprefix(" "))
        return None

    def _field(self, name: str, value: str) -> None:
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._name = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) <= _RETRY_DIGITS:
                self.retry_ms = int(value)

    def _dispatch(self) -> Message | None:
        self.last_id = self._id
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        return Message(name, "\n".join(data), self.last_id) if data else None
