"""Documents that were published: named in every way clients do, and others refused."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

from router.config import ConfigError, RouterConfig, parse_config
from tests.edge.documents import ME, NAMES, by_hash, hash_of, with_documents, write_apollo_manifest
from tests.interop.shop import SUBGRAPHS
from tests.server.local_router import LocalRouter
from tests.server.serving import HttpAnswer, Served
from tests.support.engines import redis_url
from tests.support.run_router import compose
from tests.telemetry.serving import ServedShop, serve_router
from zellige.assembly.standalone import StandaloneOptions, check_supergraph
from zellige.cli import app
from zellige.errors import CommandFailed

DATA = {"me": {"id": "1"}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    write_apollo_manifest(path, ME)
    return path


def enforcing(manifest: Path, **more: object) -> RouterConfig:
    return with_documents(mode="enforce", manifest=str(manifest), **more)


async def get(shop: ServedShop, target: str) -> HttpAnswer:
    return await Served(shop.port, LocalRouter()).send("GET", target)


async def test_each_form_of_naming_a_document_runs_it(manifest: Path) -> None:
    id_ = hash_of(ME)
    async with serve_router(enforcing(manifest)) as shop:
        for payload in (by_hash(id_), {"doc_id": id_}, {"documentId": id_}, {"documentId": f"sha256:{id_}"}):
            answer = await shop.post(payload)
            assert (answer.status, answer.json["data"]["me"]) == (200, {"id": "1"}), payload
        extensions = quote(json.dumps({"persistedQuery": {"version": 1, "sha256Hash": id_}}))
        for target in (
            f"/graphql?documentId={id_}",
            f"/graphql/{id_}",
            f"/graphql/{id_}/Me",
            f"/graphql?extensions={extensions}",
        ):
            assert (await get(shop, target)).json["data"]["me"] == {"id": "1"}, target


async def test_what_was_not_published_is_refused_before_it_is_parsed(manifest: Path) -> None:
    async with serve_router(enforcing(manifest)) as shop:
        assert (await shop.post({"query": ME})).status == 200
        for text in (NAMES, ME + " ", "{ broken", "{ __schema { types { name } } }"):
            answer = await shop.post({"query": text})
            assert (answer.status, answer.codes) == (403, ["DOCUMENT_NOT_TRUSTED"])
        for payload in (by_hash(hash_of(NAMES)), {"documentId": "nothing"}):
            assert (await shop.post(payload)).codes == ["DOCUMENT_NOT_FOUND"]
        # Nobody can register one either.
        registering = by_hash(hash_of(NAMES), query=NAMES)
        assert (await shop.post(registering)).codes == ["DOCUMENT_NOT_TRUSTED"]
        assert (await shop.post({"documentId": hash_of(ME), "query": ME})).codes == ["BAD_REQUEST"]


async def test_texts_may_be_refused_altogether(manifest: Path) -> None:
    async with serve_router(enforcing(manifest, only_ids=True)) as shop:
        assert (await shop.post({"query": ME})).codes == ["DOCUMENT_NOT_TRUSTED"]
        assert (await shop.post({"documentId": hash_of(ME)})).status == 200


async def test_unknown_documents_are_logged_once_where_that_is_the_mode(
    manifest: Path, log_lines: io.StringIO
) -> None:
    async with serve_router(with_documents(mode="log_unknown", manifest=str(manifest))) as shop:
        for text in (NAMES, NAMES, ME):
            assert (await shop.post({"query": text})).status == 200
    warnings = [json.loads(line) for line in log_lines.getvalue().splitlines() if "not published" in line]
    assert [one["document_hash"] for one in warnings] == [hash_of(NAMES)]


async def test_a_newer_manifest_takes_over_and_a_broken_one_does_not(manifest: Path) -> None:
    async with serve_router(enforcing(manifest)) as shop:
        write_apollo_manifest(manifest, NAMES)
        await until_answered(shop, {"documentId": hash_of(NAMES)})
        assert (await shop.post({"documentId": hash_of(ME)})).codes == ["DOCUMENT_NOT_FOUND"]
        await asyncio.to_thread(manifest.write_text, "{ broken")
        await asyncio.sleep(0.2)  # a look or two: whether they came makes no difference to what must hold
        assert (await shop.post({"documentId": hash_of(NAMES)})).status == 200


async def until_answered(shop: ServedShop, payload: dict[str, str]) -> None:
    async with asyncio.timeout(30):
        while "data" not in (await shop.post(payload)).json:  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.02)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["operations", *arguments], prog_name="zellige")
    return result.exit_code, result.output


@pytest.fixture
def supergraph(tmp_path: Path) -> Path:
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    path = tmp_path / "supergraph.graphql"
    path.write_text(sdl)
    return path


def test_documents_are_published_together_or_not_at_all(tmp_path: Path, supergraph: Path) -> None:
    good, bad, relay, target = (tmp_path / name for name in ("me.graphql", "bad.graphql", "r.json", "m.json"))
    good.write_text(ME)
    bad.write_text("query Bad { nothing }")
    relay.write_text(json.dumps({"9a1": NAMES}))
    where = ("--supergraph", str(supergraph), "--manifest", str(target))
    code, output = run("publish", str(good), str(bad), *where)
    assert code == 1
    assert "Nothing was published: 1 problems" in output
    assert "Cannot query field 'nothing'" in output
    assert not target.exists()
    assert run("publish", str(good), *where) == (0, "1 published, 0 were there, 0 taken out.\n")
    assert run("publish", str(good), str(relay), *where)[1] == "1 published, 1 were there, 0 taken out.\n"
    code, output = run("list", "--manifest", str(target), "--format", "json")
    assert [json.loads(line)["id"] for line in output.splitlines()] == ["9a1", hash_of(ME)]
    assert run("publish", str(relay), *where, "--replace")[1] == "0 published, 1 were there, 1 taken out.\n"
    assert run("list") == (2, run("list")[1])


async def test_documents_published_to_redis_reach_a_running_router(tmp_path: Path, supergraph: Path) -> None:
    key, document = f"zellige:test:{uuid4()}", tmp_path / "me.graphql"
    document.write_text(ME)
    redis = ("--redis", redis_url(), "--key", key)
    config = with_documents(mode="enforce", redis_url=redis_url(), redis_key=key)
    async with serve_router(config) as shop, Redis.from_url(redis_url()) as client:
        assert (await shop.post({"query": ME})).codes == ["DOCUMENT_NOT_TRUSTED"]  # nothing is published yet
        arguments = ("publish", str(document), "--supergraph", str(supergraph), *redis)
        assert (await asyncio.to_thread(run, *arguments))[0] == 0
        await until_answered(shop, {"documentId": hash_of(ME)})
        assert hash_of(ME) in (await asyncio.to_thread(run, "list", *redis))[1]
        await client.delete(key)


def test_a_manifest_that_cannot_be_read_is_said_at_the_start(tmp_path: Path, supergraph: Path) -> None:
    (tmp_path / "m.json").write_text('{"format": "apollo-persisted-query-manifest", "version": 7}')
    for path, problem in (("none.json", "No such file"), ("m.json", "version 7")):
        config = enforcing(tmp_path / path)
        with pytest.raises(CommandFailed, match=problem):
            check_supergraph(
                StandaloneOptions(config, str(supergraph), dict.fromkeys(SUBGRAPHS, "http://x/"))
            )


def test_a_mode_without_documents_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"router\.yaml:1: documents: .*needs a manifest or a redis_url"):
        parse_config("documents:\n  mode: enforce\n")
