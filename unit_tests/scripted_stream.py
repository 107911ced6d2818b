"""A server of streams and pages that says what a test told it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bessline.client import Client

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
READING = 'id: {0}\ndata: {{"soc":{0}}}\n\n'


class Script:
    """A server that says what it was told, answer by answer; the last one again and again."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked, self.silence = list(answers), list[tuple[str, str]](), threading.Event()
        self.url, self.keys = "", list[str | None]()

    def client(self, **options: object) -> Client:
        return Client(self.url, sleep=lambda _: None, **options)  # type: ignore[arg-type]

    @property
    def ids(self) -> list[str]:
        """The ids that the client came back with."""
        return [ident for _, ident in self.asked]


@contextmanager
def script(*answers: str) -> Iterator[Script]:
    """An answer that ends in ``...`` leaves the connection open and says no more."""
    told = Script(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.keys.append(self.headers.get("Authorization"))
            told.asked.append((self.path, self.headers.get("Last-Event-ID", "")))
            answer = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            self.wfile.write(answer.removesuffix("...").encode())
            self.wfile.flush()
            if answer.endswith("..."):
                told.silence.wait()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield told
        finally:
            told.silence.set()
            server.shutdown()
            thread.join()


def stream(*events: str) -> str:
    return HEAD + "".join(events)


def reading(n: int) -> str:
    return READING.format(n)


def page(*rows: int, following: str = "") -> str:
    """Of history: rows that are only a soc."""
    return _page("b1", [{"soc": row} for row in rows], following)


def timed(device_id: str, *stamps: int, following: str = "") -> str:
    """Of history: rows that are only a stamp."""
    return _page(device_id, [{"timestamp": str(stamp)} for stamp in stamps], following)


def _page(device_id: str, rows: Sequence[Mapping[str, object]], following: str) -> str:
    link = f'Link: <{following}>; rel="next"\r\n' if following else ""
    body = json.dumps({"device_id": device_id, "data": rows})
    return f"HTTP/1.1 200 OK\r\n{link}Connection: close\r\n\r\n{body}"


END = 'id: 9.end\nevent: end\ndata: {"reason":"end"}\n\n'
