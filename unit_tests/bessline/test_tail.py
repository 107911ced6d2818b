"""`tail`: readings as lines, the rest told, and an end that a shell script understands."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bessline.tail import Wish, tail
from unit_tests.scripted_stream import END, page, reading, script, stream
from unit_tests.served import AFTER, BEFORE, EVERY, ROOT, quick_plant

GAP = 'id: 50\nevent: resume\ndata: {"status":"gap","missed":1,"history":"/bms/b1?start=1"}\n\n'
RESET = 'id: 0\nevent: reset\ndata: {"lap":1}\n\n'


def wish(url: str, *, limit: int | None = None, events: bool = False, once: bool = True) -> Wish:
    return Wish(f"{url}/bms/b1", None, {"fields": "soc", "interval": None}, limit, events, once)


def tailed(*answers: str, **wanted: bool | int) -> tuple[list[str], list[str]]:
    """Lines of the output, and what was told beside it."""
    out, told = io.StringIO(), list[str]()
    with script(*answers) as server:
        tail(wish(server.url, **wanted), out=out, tell=told.append)  # type: ignore[arg-type]
        assert server.asked[0][0] == "/bms/b1/stream?fields=soc"
    return out.getvalue().splitlines(), told


def test_a_reading_is_a_line() -> None:
    """As it came, nothing else between; what matters of the rest is told beside it."""
    lines, told = tailed(stream(reading(1), RESET, reading(0), END))
    assert lines == ['{"soc":1}', '{"soc":0}']
    assert told == ['reset: {"lap":1}', 'end: {"reason":"end"}']


def test_events_are_lines_where_they_are_wanted() -> None:
    """Each with its name and the id to go on from."""
    lines, told = tailed(stream(reading(1), RESET, END), events=True)
    assert [json.loads(line) for line in lines[1:]] == [
        {"event": "reset", "id": "0", "data": {"lap": 1}},
        {"event": "end", "id": "9.end", "data": {"reason": "end"}},
    ]
    assert told == []


def test_readings_of_many_topics_say_which() -> None:
    """On `/stream` the name of the event is the topic; a line has no name."""
    lines, _ = tailed(stream('id: 1\nevent: pcs\ndata: {"device_id":"b1"}\n\n', END))
    assert lines == ['{"topic":"pcs","device_id":"b1"}']


def test_a_gap_is_filled_and_told() -> None:
    """Rows of history are lines like any other."""
    lines, told = tailed(stream(reading(1), GAP), page(2), stream(reading(51), END))
    assert lines == ['{"soc":1}', '{"device_id":"b1","soc":2}', '{"soc":51}']
    assert told[0].startswith('resume: {"status":"gap"')


def test_the_limit_ends_it_and_the_id_is_told() -> None:
    """So that the next run can go on from there."""
    lines, told = tailed(stream(reading(1), reading(2), reading(3)), limit=2)
    assert lines == ['{"soc":1}', '{"soc":2}']
    assert told == ["to go on from here: --from-id 2"]


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "main.py", "tail", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        try:
            yield process
        finally:
            process.kill()


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return iter(process.stdout)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code, and what it said in the end."""
    said = process.communicate(timeout=30)[1]
    return process.returncode, said


@pytest.mark.parametrize(
    ("answer", "options", "code", "says"),
    [
        (stream(reading(1), END), (), 0, 'end: {"reason":"end"}'),
        (stream(reading(1)), ("--once",), 34, "broke off"),
        ('HTTP/1.1 401 No\r\nConnection: close\r\n\r\n{"detail":"a key is needed"}', (), 31, "a key is needed"),
    ],
)
def test_the_exit_code_says_how_it_ended(answer: str, options: Sequence[str], code: int, says: str) -> None:
    """0 for an end, another for each refusal, a sentence and no traceback."""
    with script(answer) as server, running(f"{server.url}/bms/b1/stream", *options) as process:
        found, said = ended(process)
    assert (found, says in said, "Traceback" in said) == (code, True, False)


def test_ctrl_c_ends_with_130_and_the_place() -> None:
    with script(stream(reading(1)) + "...") as server, running(f"{server.url}/bms/b1/stream") as process:
        assert next(lines_of(process)) == '{"soc":1}\n'
        process.send_signal(signal.SIGINT)
        assert ended(process) == (130, "to go on from here: --from-id 1\n")


def test_a_reader_who_leaves_is_no_error() -> None:
    """`tail ... | head -1` says nothing of broken pipes."""
    many = stream(*map(reading, range(20_000)))
    with script(many, stream(END)) as server, running(f"{server.url}/bms/b1/stream") as process:
        next(lines_of(process))
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "to go on from here" in process.stderr.read()
        assert process.wait(30) == 0


def test_an_unreachable_server_is_waited_for(tiny_store: Path, tmp_path: Path) -> None:
    """Started before the server, killed under it: every reading of every topic once, and the troubles are told."""
    with quick_plant(tiny_store, tmp_path, start=False) as plant:
        url = f"{plant.url}?devices=bess1,m1&topics=bms,pcs,meter"
        with running(url, "--interval", str(EVERY), "--max", str(3 * AFTER)) as process:
            assert process.stderr is not None
            assert "next attempt in" in next(iter(process.stderr))
            plant.server.start()
            lines = lines_of(process)
            seen = [json.loads(next(lines)) for _ in range(BEFORE)]
            plant.restart()
            seen += [json.loads(line) for line in lines]
            assert ended(process)[0] == 0
        assert len(seen) == 3 * AFTER
        for topic, device in (("bms", "bess1"), ("pcs", "bess1"), ("meter", "m1")):
            own = [row for row in seen if (row["topic"], row["device_id"]) == (topic, device)]
            assert own == [{"topic": topic} | row for row in plant.truth(topic, device, own)]


def test_the_key_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never in the address, never on the command line."""
    monkeypatch.setenv("BESSLINE_KEY", "a-long-random-word")
    with script(stream(END)) as server, running(f"{server.url}/bms/b1/stream") as process:
        assert ended(process)[0] == 0
        assert server.keys == ["Bearer a-long-random-word"]
