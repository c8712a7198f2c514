"""The file or URL a supergraph comes from: read again only when it changed, and refused within bounds."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from router.config import SupergraphConfig
from router.pipeline.reload.source import SourceError, UrlSource, open_source
from tests.server.reloading import replace_file
from zellige.services.process import free_port

CONFIG = SupergraphConfig(max_bytes=1_000, fetch_timeout_ms=500, headers={"authorization": "Bearer secret"})


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text("one")
    source = open_source(str(path), CONFIG)
    assert [source.read(), source.read()] == ["one", None]
    replace_file(path, "two")
    assert [source.read(), source.read()] == ["two", None]
    os.utime(path, (1, 1))  # touched, not changed
    assert source.read() is None
    replace_file(path, "two")
    assert source.read() is None


def test_a_file_behind_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    """Kubernetes replaces a directory of a ConfigMap by turning a link."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "supergraph.graphql").write_text(name)
    (tmp_path / "data").symlink_to("first")
    source = open_source(str(tmp_path / "data" / "supergraph.graphql"), CONFIG)
    assert source.read() == "first"
    (tmp_path / "beside").symlink_to("second")
    (tmp_path / "beside").replace(tmp_path / "data")
    assert source.read() == "second"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read"), (b"x" * 1_001, "larger than 1000 bytes"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_file_that_cannot_be_used_is_refused_and_tried_again(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "supergraph.graphql"
    if content is not None:
        path.write_bytes(content)
    source = open_source(str(path), CONFIG)
    for _ in range(2):
        with pytest.raises(SourceError, match=problem):
            source.read()
    replace_file(path, "good")
    assert source.read() == "good"


@dataclass(slots=True)
class Registry:
    """What an HTTP server of supergraphs answers, and what it was asked."""

    status: int = 200
    content: bytes = b"one"
    headers: Mapping[str, str] = field(default_factory=dict)
    trickles: bool = False
    asked: list[Mapping[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append(asked)
        etag = self.headers.get("etag")
        is_known = etag is not None and asked.get("if-none-match") == etag
        handler.send_response(304 if is_known else self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        body = b"" if is_known else self.content
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        for byte in body:
            with contextlib.suppress(ConnectionError):
                handler.wfile.write(bytes([byte]))
            if self.trickles:
                time.sleep(0.05)


@pytest.fixture
def registry() -> Iterator[Registry]:
    state = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_address[1]}/supergraph?key=secret"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def test_a_url_is_asked_with_the_validators_of_its_last_answer(registry: Registry) -> None:
    registry.headers = {"etag": '"v1"', "last-modified": "Fri, 20 Nov 2026 10:00:00 GMT"}
    source = open_source(registry.url, CONFIG)
    assert [source.read(), source.read()] == ["one", None]
    first, second = registry.asked
    assert first["authorization"] == "Bearer secret"
    assert "if-none-match" not in first
    assert second["if-none-match"] == '"v1"'
    assert second["if-modified-since"] == "Fri, 20 Nov 2026 10:00:00 GMT"
    registry.headers, registry.content = {"etag": '"v2"'}, b"two"
    assert [source.read(), source.read()] == ["two", None]


def test_a_url_without_validators_is_compared(registry: Registry) -> None:
    source = open_source(registry.url, CONFIG)
    assert [source.read(), source.read()] == ["one", None]
    registry.content = b"two"
    assert source.read() == "two"


def test_a_url_that_fails_is_refused_without_its_secrets(registry: Registry) -> None:
    source = open_source(registry.url, CONFIG)
    for status, content, problem in (
        (500, b"", "answered 500"),
        (302, b"", "answered 302"),
        (200, b"x" * 1_001, "more than 1000 bytes"),
        (200, b"\xff", "is not UTF-8"),
    ):
        registry.status, registry.content = status, content
        registry.headers = {"location": "file:///etc/passwd"} if status == 302 else {"etag": '"bad"'}
        with pytest.raises(SourceError, match=problem) as caught:
            source.read()
        assert "secret" not in str(caught.value)
    registry.status, registry.content, registry.headers = 200, b"good", {"etag": '"bad"'}
    assert source.read() == "good"


def test_a_url_that_trickles_is_given_up(registry: Registry) -> None:
    registry.trickles, registry.content = True, b"x" * 900
    with pytest.raises(SourceError, match="took longer than 500 ms"):
        open_source(registry.url, CONFIG).read()


def test_a_url_where_nobody_listens_is_refused() -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        UrlSource(f"http://user:secret@127.0.0.1:{free_port()}/", CONFIG).read()
