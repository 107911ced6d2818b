"""POST /ingest: durable, readable and streamed, with keys where there are keys."""

from pathlib import Path

from bench.posts import kill_while_posting, verified
from bessline.store import ingest
from unit_tests.api.client import served_copy
from unit_tests.plants import signal_job, source_of

ROWS = [{"timestamp": f"2024-05-03T00:00:0{n}Z", "soc": 50.0 + n, "soh": None} for n in range(3)]


def test_posted_rows_are_history_at_once(tiny_store: Path, tmp_path: Path) -> None:
    """In the list of devices, in pages, in cursors and in validators, without a restart."""
    with served_copy(tiny_store, tmp_path) as client:
        etag = client.get("/devices").headers["etag"]
        answer = client.ask("POST", "/ingest/new1/bms", json=ROWS)
        assert (answer.status_code, answer.json()) == (200, {"accepted": 3, "late": 0, "duplicates": 0})
        assert client.ask("POST", "/ingest/new1/bms", json=ROWS[0]).json() == {
            "accepted": 1,
            "late": 1,
            "duplicates": 1,
        }
        listed = client.get("/devices", headers={"If-None-Match": etag})
        new = next(each for each in listed.json()["devices"] if each["device_id"] == "new1")
        assert (new["topics"]["bms"]["rows"], new["topics"]["bms"]["fields"]) == (3, ["soc", "soh"])
        page = client.json("/bms/new1", fields="soc,soh", batch_size=2)
        assert page["total_records"] == 3
        assert page["data"][0] == {"timestamp": "2024-05-03T00:00:00.000Z", "soc": 50.0, "soh": None}
        rest = client.json("/bms/new1", cursor=page["next_cursor"], fields="soc,soh", batch_size=2)
        assert [row["soc"] for row in rest["data"]] == [52.0]
        assert client.json("/bess/new1", fields="bms_soc")["total_records"] == 3


def test_a_faulty_row_leaves_nothing(tiny_store: Path, tmp_path: Path) -> None:
    """All of a request or nothing; the answer names the row and the field."""
    with served_copy(tiny_store, tmp_path) as client:
        answer = client.ask("POST", "/ingest/new1/bms", json=[*ROWS, ROWS[0] | {"soc": "high"}])
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["body", 3, "soc"]
        assert client.get("/bms/new1").status_code == 404


def test_sparse_rows_are_aligned_on_a_grid(tiny_store: Path, tmp_path: Path) -> None:
    """Values of single signals at their own times become readings of one topic."""
    with served_copy(tiny_store, tmp_path) as client:
        rows = [{"timestamp": f"2024-05-03T00:00:{n:02}Z", "soc": n} for n in (1, 11, 21)]
        rows += [{"timestamp": f"2024-05-03T00:00:{n:02}Z", "voltage": 800 + n} for n in (4, 14)]
        client.ask("POST", "/ingest/new1/bms?rows=sparse&timezone=Europe/Berlin", json=rows)
        page = client.json("/bms/new1", fields="soc,voltage", batch_size=3)
        assert [(row["timestamp"][17:19], row["soc"], row["voltage"]) for row in page["data"]] == [
            ("10", 1.0, 804.0),
            ("20", 11.0, 814.0),
            ("30", 21.0, 814.0),
        ]
        new = next(each for each in client.json("/devices")["devices"] if each["device_id"] == "new1")
        assert new["timezone"] == "Europe/Berlin"


def test_without_the_key_nothing_is_taken(tiny_store: Path, tmp_path: Path) -> None:
    """The rules of access hold for writing, too."""
    with served_copy(tiny_store, tmp_path, keys=("sesame",)) as client:
        assert client.ask("POST", "/ingest/new1/bms", json=ROWS).status_code == 401
        headers = {"Authorization": "Bearer sesame"}
        assert client.ask("POST", "/ingest/new1/bms", json=ROWS, headers=headers).status_code == 200


def test_kills_lose_no_acknowledged_row(tmp_path: Path) -> None:
    """A real server, killed three times while clients post: `python -m bench posts` does it for longer."""
    source = source_of(tmp_path / "raw", signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30], [1, 2]))
    ingest([source], tmp_path / "store", workers=0)
    posters = kill_while_posting(tmp_path / "store", posts=90, kills=3, clients=3, longest_s=0.6)
    assert sum(len(poster.tally.acknowledged) for poster in posters) == 270
    assert verified(tmp_path / "store", posters) == []
