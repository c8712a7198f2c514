"""What the guide shows is accepted as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from router.cache.cache import SupergraphCache, open_cache
from router.cache.event_rules import EventRules
from router.cache.invalidation import Invalidation, parse_invalidations
from router.config import parse_config
from router.supergraph import load_supergraph
from tests.support.run_router import compose

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "caching.md"


def blocks(language: str) -> list[str]:
    """Returns the guide's blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_settings_are_settings() -> None:
    events, text = blocks("yaml")
    assert len(parse_config(events, environment={}).cache.events.rules) == 4
    config = parse_config(text, environment={}).cache
    assert config.enabled
    assert config.store == "redis"
    assert config.of_subgraph("legacy").default_max_age_s == 10
    assert config.of_subgraph("any").stale_if_error_s == 600


def test_the_schema_composes_and_says_what_the_guide_says() -> None:
    schema, mutations = blocks("graphql")
    more = "input NewProduct { name: String! } type ProductPayload { product: Product }"
    composition = compose({"products": f"{schema}\n{mutations}\n{more}"})
    assert composition.supergraph_sdl is not None
    supergraph = load_supergraph(composition.supergraph_sdl)
    cache = SupergraphCache(open_cache(parse_config(blocks("yaml")[0], environment={}).cache), supergraph)
    declared = cache.declarations["PRODUCTS"]
    facts = cache.facts_of("PRODUCTS")
    known = facts.of("{ products { name price { amount } } }").root
    assert known is not None
    assert (known.policy.max_age_s, known.policy.has_gap, known.policy.scope.name) == (60, False, "PUBLIC")
    assert {field for _, field in declared.rules} == {
        "renameProduct",
        "createProduct",
        "importProducts",
        "closeShop",
    }


def test_the_event_by_hand_is_an_invalidation() -> None:
    [command] = [block for block in blocks("sh") if "XADD" in block]
    found = re.search(r"event \\\n  '(.*)'", command, re.DOTALL)
    assert found is not None
    rules = EventRules(parse_config(blocks("yaml")[0], environment={}).cache.events, 10)
    assert "cache" in rules.topics
    assert [*rules.invalidations_of("cache", json.loads(found.group(1)))] == [Invalidation(type="Product")]


def test_the_invalidations_are_invalidations() -> None:
    [request] = [block for block in blocks("sh") if "/cache/invalidate" in block]
    found = re.search(r"-d '(.*)'", request, re.DOTALL)
    assert found is not None
    assert parse_invalidations(json.loads(found.group(1)), 10) == [
        Invalidation(type="Product", key={"id": "7"}),
        Invalidation(subgraph="stock", type="Product"),
        Invalidation(tag="shop-3"),
        Invalidation(subgraph="reviews"),
    ]
