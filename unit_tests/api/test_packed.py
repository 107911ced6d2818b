"""An answer is compressed as the client asked, if it is worth it."""

import gzip

from api.packed import packed


def test_what_is_large_is_compressed() -> None:
    answer = packed(b"soc " * 1000, media_type="text/plain", encoding="gzip", headers={"ETag": '"a"'})
    assert gzip.decompress(bytes(answer.body)) == b"soc " * 1000
    assert (answer.headers["content-encoding"], answer.headers["etag"]) == ("gzip", '"a"')
    assert int(answer.headers["content-length"]) == len(answer.body) < 200


def test_what_is_small_or_wanted_plain_stays_as_it_is() -> None:
    for body, encoding in ((b"soc", "zstd"), (b"soc " * 1000, "identity")):
        answer = packed(body, media_type="text/plain", encoding=encoding, headers={})  # type: ignore[arg-type]
        assert (answer.body, "content-encoding" in answer.headers) == (body, False)
