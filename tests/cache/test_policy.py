"""What schema, answers and settings say together of how long, and for whom, something may be kept."""

from __future__ import annotations

import pytest

from router.cache.cache import SupergraphCache, open_cache
from router.cache.cache_control import CacheControl, read_cache_control, write_cache_control
from router.cache.formats import Format
from router.cache.policy import DeclaredPolicy, Policy, Scope, settle_policy
from router.config import CacheConfig, SubgraphCacheConfig
from router.supergraph import Supergraph, load_supergraph
from tests.support.run_router import compose

HEAD = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable"])
  @link(url: "https://zellige.dev/specs/cache/v1.0", import: ["@cacheControl"])
"""
SDL = f"""{HEAD}
type Query {{
  plain: String
  aged: String @cacheControl(maxAge: 9)
  shared: String @cacheControl(maxAge: 9, scope: PUBLIC)
  book: Book
  publicBook: Book @cacheControl(scope: PUBLIC)
  shortBook: Book @cacheControl(maxAge: 3, scope: PUBLIC)
  ageless: Ageless
  thing: Thing @cacheControl(scope: PUBLIC)
  found: Found @cacheControl(maxAge: 50, scope: PUBLIC)
  secret: Secret @cacheControl(maxAge: 50, scope: PUBLIC)
}}
type Book implements Thing @key(fields: "id") @cacheControl(maxAge: 30, scope: PUBLIC) {{
  id: ID!
  title: String
  price: Int @cacheControl(maxAge: 5)
  mine: Int @cacheControl(scope: PRIVATE)
  cover: Cover
  author: Ageless
  kept: Ageless @cacheControl(inheritMaxAge: true)
  never: Int @cacheControl(maxAge: 0)
  tags(first: Int): [Book!]
}}
type Lamp implements Thing @cacheControl(maxAge: 20, scope: PUBLIC) {{
  id: ID!
  mine: Int @cacheControl(scope: PRIVATE)
}}
type Cover @cacheControl(inheritMaxAge: true) {{ url: String }}
type Ageless {{ name: String }}
type Secret @cacheControl(scope: PRIVATE) {{ name: String }}
interface Thing {{ id: ID! }}
union Found = Book | Secret
"""


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    composition = compose({"books": SDL})
    assert composition.supergraph_sdl is not None
    return load_supergraph(composition.supergraph_sdl)


def declared(supergraph: Supergraph, query: str) -> tuple[float | None, bool, str]:
    """Returns age, gap and scope of a root fetch."""
    cache = SupergraphCache(open_cache(CacheConfig(enabled=True)), supergraph)
    known = cache.facts_of("BOOKS").of(query).root
    assert known is not None
    return known.policy.max_age_s, known.policy.has_gap, known.policy.scope.name


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ plain }", (None, True, "UNSTATED")),
        ("{ aged }", (9, False, "UNSTATED")),
        ("{ shared }", (9, False, "PUBLIC")),
        ("{ shared aged }", (9, False, "UNSTATED")),
        ("{ shared plain }", (9, True, "UNSTATED")),
        ("{ shared __typename }", (9, False, "PUBLIC")),
        # The type gives the age; that everybody gets the same book, only the field can say.
        ("{ book { title } }", (30, False, "UNSTATED")),
        ("{ publicBook { title } }", (30, False, "PUBLIC")),
        ("{ shortBook { title } }", (3, False, "PUBLIC")),
        ("{ publicBook { price } }", (5, False, "PUBLIC")),
        ("{ publicBook { mine } }", (30, False, "PRIVATE")),
        ("{ publicBook { never } }", (0, False, "PUBLIC")),
        ("{ publicBook { cover { url } } }", (30, False, "PUBLIC")),
        ("{ book { cover { url } } }", (30, False, "UNSTATED")),
        ("{ publicBook { author { name } } }", (30, True, "UNSTATED")),
        ("{ publicBook { kept { name } } }", (30, False, "PUBLIC")),
        ("{ publicBook { tags(first: 2) { title } } }", (30, False, "PUBLIC")),
        ("{ book { tags { title } } }", (30, False, "UNSTATED")),
        ("{ ageless { name } }", (None, True, "UNSTATED")),
        # Of an abstract type, whatever it may be counts.
        ("{ thing { id } }", (20, False, "PUBLIC")),
        ("{ thing { ... on Book { price } } }", (5, False, "PUBLIC")),
        ("{ thing { ... on Lamp { mine } } }", (20, False, "PRIVATE")),
        ("{ found { __typename } }", (30, False, "PRIVATE")),
        ("{ secret { name } }", (50, False, "PRIVATE")),
        ("{ publicBook { ...F } } fragment F on Book { price }", (5, False, "PUBLIC")),
    ],
)
def test_what_a_selection_amounts_to(
    supergraph: Supergraph, query: str, expected: tuple[float | None, bool, str]
) -> None:
    assert declared(supergraph, query) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("... on Book { title }", (30, False, "PUBLIC")),
        ("... on Book { price mine }", (5, False, "PRIVATE")),
        ("... on Book { title } ... on Lamp { mine }", (30, False, "PUBLIC")),
        ("... on Thing { id }", (30, False, "PUBLIC")),
        ("... on Book { author { name } }", (30, True, "UNSTATED")),
    ],
)
def test_what_an_entity_amounts_to(
    supergraph: Supergraph, selection: str, expected: tuple[float | None, bool, str]
) -> None:
    facts = SupergraphCache(open_cache(CacheConfig(enabled=True)), supergraph).facts_of("BOOKS")
    document = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
    policy = facts.entity(facts.of(document).entities[0], "Book").policy
    assert (policy.max_age_s, policy.has_gap, policy.scope.name) == expected


CONFIG = SubgraphCacheConfig(default_max_age_s=7, stale_while_revalidate_s=100, stale_if_error_s=4)


@pytest.mark.parametrize(
    ("given", "header", "expected"),
    [
        (DeclaredPolicy(30, False, Scope.PUBLIC), None, Policy(30, Scope.PUBLIC, 70, 4)),
        (DeclaredPolicy(30, True, Scope.PUBLIC), None, Policy(7, Scope.PUBLIC, 93, 4)),
        (DeclaredPolicy(), None, Policy(7, Scope.UNSTATED, 93, 4)),
        (DeclaredPolicy(), CacheControl(50), Policy(50, Scope.UNSTATED, 50, 4)),
        (DeclaredPolicy(), CacheControl(50, is_public=True), Policy(50, Scope.PUBLIC, 50, 4)),
        (DeclaredPolicy(), CacheControl(is_public=True), Policy(7, Scope.PUBLIC, 93, 4)),
        (DeclaredPolicy(30, False, Scope.PUBLIC), CacheControl(50), Policy(30, Scope.PUBLIC, 70, 4)),
        (DeclaredPolicy(30, False, Scope.PUBLIC), CacheControl(0), Policy(0, Scope.PUBLIC, 100, 4)),
        (
            DeclaredPolicy(30, False, Scope.PUBLIC),
            CacheControl(20, is_private=True, stale_while_revalidate_s=1, stale_if_error_s=2),
            Policy(20, Scope.PRIVATE, 1, 2),
        ),
        (
            DeclaredPolicy(30, False, Scope.PRIVATE),
            CacheControl(9, is_public=True),
            Policy(9, Scope.PRIVATE, 91, 4),
        ),
        (DeclaredPolicy(1_000, False), None, Policy(100, Scope.UNSTATED, 0, 0)),
    ],
)
def test_the_smallest_age_and_the_strictest_scope(
    given: DeclaredPolicy, header: CacheControl | None, expected: Policy
) -> None:
    assert settle_policy(given, header, CONFIG, 100) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"cache-control": "max-age=60, public"}, CacheControl(60, is_public=True)),
        ({"cache-control": "Max-Age=60 , PUBLIC", "age": "15"}, CacheControl(45, is_public=True)),
        ({"cache-control": "max-age=60", "age": "90"}, CacheControl(0)),
        ({"cache-control": "max-age=60, s-maxage=5"}, CacheControl(5)),
        ({"cache-control": 'max-age="60"'}, CacheControl(60)),
        ({"cache-control": "max-age=60, max-age=5"}, CacheControl(5)),
        ({"cache-control": "max-age=-1"}, CacheControl(0)),
        ({"cache-control": "max-age=" + "9" * 40}, CacheControl(31_536_000)),
        ({"cache-control": "public, private, max-age=1"}, CacheControl(1, is_private=True)),
        ({"cache-control": 'private="set-cookie", max-age=1'}, CacheControl(1, is_private=True)),
        ({"cache-control": "no-store, max-age=60"}, CacheControl(0)),
        (
            {"cache-control": "max-age=1, stale-while-revalidate=2, stale-if-error=3"},
            CacheControl(1, stale_while_revalidate_s=2, stale_if_error_s=3),
        ),
        (
            {"cache-control": "max-age=1, stale-while-revalidate=2, must-revalidate"},
            CacheControl(1, stale_while_revalidate_s=0, stale_if_error_s=0),
        ),
        ({"vary": "Accept, *"}, CacheControl(varies=("accept", "*"))),
        ({"cache-control": ",;=, , max-age = 3"}, CacheControl(3)),
    ],
)
def test_reading_cache_control(headers: dict[str, str], expected: CacheControl | None) -> None:
    assert read_cache_control(headers) == expected


def test_writing_cache_control() -> None:
    assert write_cache_control(0.9, is_private=False) == "no-store"
    assert write_cache_control(2.9, is_private=False) == "public, max-age=2"
    assert write_cache_control(2, is_private=True) == "private, max-age=2"


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("products", {}, "products"),
        ("p-{$key.id}", {"key": {"id": 7}}, "p-7"),
        ("{$args.a}/{ $args.b.c }", {"args": {"a": True, "b": {"c": 1.5}}}, "true/1.5"),
        ("p-{$key.id}", {"key": {}}, None),
        ("p-{$key.id}", {"key": {"id": None}}, None),
        ("p-{$key.id}", {"key": {"id": ["1"]}}, None),
        ("p-{$key.id}", {"key": {"id": "x" * 600}}, None),
        ("{$result.a.b}", {"result": {"a": "text"}}, None),
        ("{key} {$other.a}", {}, "{key} {$other.a}"),
    ],
)
def test_writing_formats(text: str, values: dict[str, object], expected: str | None) -> None:
    assert Format.parse(text).render(values) == expected


@pytest.mark.parametrize(
    ("text", "tag", "could_be"),
    [
        ("products", "products", True),
        ("products", "product", False),
        ("p-{$key.id}", "p-7", True),
        ("p-{$key.id}", "q-7", False),
        ("{$key.id}-p", "7-p", True),
        ("{$key.id}-p", "7-q", False),
        ("a{$key.x}b{$key.y}c", "a1b2c", True),
        ("a{$key.x}b{$key.y}c", "abc", True),
        ("a{$key.x}b{$key.y}c", "a1c", False),
        ("ab{$key.x}ba", "aba", False),
        ("{$key.x}", "", True),
    ],
)
def test_which_tags_a_format_makes(text: str, tag: str, could_be: bool) -> None:
    assert Format.parse(text).could_be(tag) is could_be


def test_definitions_may_be_left_out_and_reach_no_client() -> None:
    composition = compose({"books": SDL})
    assert "CacheControlScope" not in (composition.api_sdl or "")
    assert "cacheControl" not in (composition.api_sdl or "")


def test_each_subgraph_keeps_its_own_word() -> None:
    other = f'{HEAD} type Book @key(fields: "id") @cacheControl(maxAge: 1) {{ id: ID! pages: Int }}'
    composition = compose({"books": SDL, "pages": other})
    assert composition.supergraph_sdl is not None
    cache = SupergraphCache(
        open_cache(CacheConfig(enabled=True)), load_supergraph(composition.supergraph_sdl)
    )
    assert cache.declarations["BOOKS"].hints["Book", ""].max_age_s == 30
    assert cache.declarations["PAGES"].hints["Book", ""].max_age_s == 1


def test_directives_another_composer_merged_hold_for_all() -> None:
    composition = compose({"books": SDL})
    assert composition.supergraph_sdl is not None
    sdl = composition.supergraph_sdl.replace(
        '@link(url: "https://zellige.dev/specs/cache/v1.0")',
        '@link(url: "https://zellige.dev/specs/cache/v1.0", import: [{name: "@cacheControl", as: "@age"}])',
    )
    assert "type Ageless @join__type" in sdl
    sdl = sdl.replace("type Ageless @join__type", "type Ageless @age(maxAge: 4) @join__type")
    cache = SupergraphCache(open_cache(CacheConfig(enabled=True)), load_supergraph(sdl))
    assert cache.declarations["BOOKS"].hints["Ageless", ""].max_age_s == 4
    # Where ours carried one, it stands.
    assert cache.declarations["BOOKS"].hints["Book", ""].max_age_s == 30
