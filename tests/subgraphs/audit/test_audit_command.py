"""`zellige audit` proves a trail whole, finds what was tampered with, and exports."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from tests.events.worker_processes import environment_of
from tests.subgraphs.audit.conftest import Trail
from zellige.cli import app


@pytest.fixture(autouse=True)
def in_the_trails_databases(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = {"event_bus_url": trail.products.settings.redis_url}
    settings = trail.products.settings.model_copy(update=bus)
    assert settings.signing_key is not None, "tests have a key"
    for name, value in {**environment_of(settings), "ZELLIGE_SIGNING_KEY": settings.signing_key}.items():
        monkeypatch.setenv(name, value)


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["audit", *arguments], prog_name="zellige")


async def tamper(trail: Trail, statement: str) -> None:
    async with trail.products.app.database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement))


async def test_a_whole_trail_passes_and_a_changed_entry_is_told(trail: Trail) -> None:
    staff = trail.staff()
    for name in ("Cuivre", "Laiton"):
        await trail.create_tag(staff, name)
    await trail.copy()
    whole = await run("verify", "--domain", "products")
    assert (whole.exit_code, whole.stdout) == (0, "")
    assert "The audit trail is whole: 2 entries in 1 chains." in whole.stderr
    await tamper(trail, "UPDATE audit_entries SET actor_id = NULL WHERE sequence = 1")
    broken = await run("verify", "--domain", "products", "--organization", str(staff.viewer.organization_id))
    assert broken.exit_code == 1
    assert "was changed: its hash is another" in broken.stdout
    assert "The audit trail was tampered with: 1 faults in 2 entries in 1 chains" in broken.stderr


async def test_a_chain_cut_off_at_its_end_with_its_head_is_told_by_the_copies(trail: Trail) -> None:
    staff = trail.staff()
    for name in ("Cuivre", "Laiton"):
        await trail.create_tag(staff, name)
    await trail.copy()
    await tamper(trail, "DELETE FROM audit_entries WHERE sequence = 2")
    await tamper(
        trail,
        "UPDATE audit_chains SET sequence = 1, hash = (SELECT hash FROM audit_entries WHERE sequence = 1)",
    )
    broken = await run("verify", "--domain", "products")
    assert broken.exit_code == 1
    assert "is gone; a copy of it is kept" in broken.stdout


async def test_export_writes_a_line_for_each_entry(trail: Trail) -> None:
    staff = trail.staff()
    await trail.create_tag(staff, "Cuivre")
    await trail.create_tag(trail.staff(), "Laiton")
    organization = str(staff.viewer.organization_id)
    exported = await run("export", "--domain", "products", "--organization", organization, "--since", "1h")
    (line,) = exported.stdout.splitlines()
    entry = json.loads(line)
    assert (entry["operation"], entry["organization_id"], entry["sequence"]) == ("tagCreate", organization, 1)
    assert len(entry["hash"]) == 64


async def test_wrong_usage_has_an_exit_code_of_its_own() -> None:
    assert (await run("verify", "--organization", "me")).exit_code == 2
    unknown = await run("verify", "--domain", "nothing")
    assert unknown.exit_code == 1
    assert "There is no subgraph 'nothing'" in unknown.stderr
