"""Many devices and topics on one connection, over HTTP."""

from unit_tests.api.client import Client


def test_a_stream_of_all_is_there(server: Client) -> None:
    answer = server.ask("HEAD", "/stream")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")


def test_what_it_does_not_know_is_refused(server: Client) -> None:
    assert "no parameter 'device'" in server.refused("/stream", device="bess1")
    assert server.get("/stream", devices="nobody").status_code == 404


def test_an_end_is_not_begun_again(server: Client) -> None:
    """204 stops an `EventSource`."""
    assert server.get("/stream", last_event_id="l.s.c.0.5.end").status_code == 204
