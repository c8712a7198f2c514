"""What clients are told of subgraphs' errors, and what the log has instead."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from router.config import RouterConfig
from tests.telemetry.serving import serve_router

BROKEN = {"query": '{ product(id: "1") { name broken } }'}


def masked(**errors: Any) -> RouterConfig:
    return RouterConfig.model_validate({"errors": errors})


async def errors_of(
    config: RouterConfig, payload: dict[str, str] = BROKEN, **dead: Any
) -> list[dict[str, Any]]:
    async with serve_router(config, **dead) as shop:
        answer = await shop.post(payload)
        assert answer.status == 200
        errors = answer.json["errors"]
        for error in errors:
            del error["extensions"]["requestId"]
        return errors


async def test_a_masked_error_keeps_its_place_and_nothing_else(log_lines: io.StringIO) -> None:
    plain = await errors_of(RouterConfig())
    error = (await errors_of(masked(mask=True)))[0]
    assert error["path"] == plain[0]["path"] == ["product", "broken"]
    assert error["message"] == "The service reported an error"
    assert error["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "products"}
    logged = [json.loads(line) for line in log_lines.getvalue().splitlines() if "masked" in line]
    assert [(one["subgraph"], one["message"]) for one in logged] == [("products", plain[0]["message"])]
    assert logged[0]["request_id"]


async def test_an_allowed_code_goes_out_as_it_came() -> None:
    plain = await errors_of(RouterConfig())
    allowed = await errors_of(masked(mask=True, allow_codes=[plain[0]["extensions"]["code"]]))
    assert allowed[0]["message"] == plain[0]["message"]


@pytest.mark.parametrize("mask", [True, False])
async def test_subgraphs_may_be_nameless(mask: bool) -> None:
    config = masked(mask=mask, show_subgraph=False)
    assert "serviceName" not in (await errors_of(config))[0]["extensions"]
    away = await errors_of(config, {"query": "{ products { rating } }"}, dead=("reviews",))
    assert "reviews" not in json.dumps(away)
    assert {one["extensions"]["code"] for one in away} == {"SUBGRAPH_UNREACHABLE"}
