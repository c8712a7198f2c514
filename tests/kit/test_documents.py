"""Operations are prepared once, and large ones refused before they cost anything."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from subgraphs.kit.documents import REMEMBERED_LENGTH_MAX, DocumentCache, PreparedDocument
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from tests.kit.shelf import Book, Mutation, Query

SCHEMA = KitSchema(query=Query, mutation=Mutation, types=[Book])._schema


@pytest.fixture
def documents() -> DocumentCache:
    return DocumentCache(SCHEMA, KitSettings(document_cache_entries_max=5))


def refusal(prepared: PreparedDocument) -> tuple[str, str]:
    (error,) = prepared.errors
    assert error.extensions is not None
    return error.extensions["code"], error.message


def too_complex(name: str, limit: int) -> tuple[str, str]:
    return "QUERY_TOO_COMPLEX", f"The operation's {name} passes the limit of {limit}"


def test_an_operation_is_prepared_once_and_forgotten_in_turn(documents: DocumentCache) -> None:
    first = documents.prepare("{ whoami }")
    assert first.errors == () and documents.prepare("{ whoami }") is first
    refused = documents.prepare("{ nope }")
    assert documents.prepare("{ nope }") is refused
    for n in range(4):
        documents.prepare(f"query Q{n} {{ whoami }}")
    assert documents.prepare("{ whoami }") is not first
    assert len(documents._prepared) == 5


def test_long_texts_are_not_remembered(documents: DocumentCache) -> None:
    text = "{ whoami }" + " " * REMEMBERED_LENGTH_MAX
    assert documents.prepare(text) is not documents.prepare(text)


def test_introspection_by_common_tools_fits(documents: DocumentCache) -> None:
    assert documents.prepare(get_introspection_query()).errors == ()


def test_depth_is_bounded_through_fragments_too(documents: DocumentCache) -> None:
    def nested(levels: int) -> str:
        return "{ books { nodes " + "{ twin " * levels + "{ id }" + " }" * levels + " } }"

    assert documents.prepare(nested(22)).errors == ()
    assert refusal(documents.prepare(nested(23))) == too_complex("depth", 25)
    steps = "".join(f"fragment F{n} on Book {{ twin {{ ...F{n + 1} }} }} " for n in range(30))
    chain = "{ books { nodes { ...F0 } } } " + steps + "fragment F30 on Book { id }"
    assert refusal(documents.prepare(chain)) == too_complex("depth", 25)


def test_nesting_beyond_the_stack_is_refused_not_raised(documents: DocumentCache) -> None:
    selections = "{a" * 3_000 + "}" * 3_000
    values = "{ books(where: " + "{NOT: " * 2_000 + "{}" + "}" * 2_000 + ") { totalCount } }"
    for text in (selections, values):
        assert refusal(documents.prepare(text))[0] == "GRAPHQL_PARSE_FAILED"


def test_doubling_fragments_are_refused_at_once(documents: DocumentCache) -> None:
    doubling = "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(60))
    bomb = "{ ...F0 } " + doubling + "fragment F60 on Query { whoami }"
    assert refusal(documents.prepare(bomb)) == too_complex("fields", 5_000)


def test_a_cycle_of_fragments_is_a_validation_error(documents: DocumentCache) -> None:
    prepared = documents.prepare("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A whoami }")
    assert refusal(prepared)[0] == "GRAPHQL_VALIDATION_FAILED"


def test_aliases_tokens_and_mutations_are_counted(documents: DocumentCache) -> None:
    aliases = "{ " + " ".join(f"a{n}: whoami" for n in range(201)) + " }"
    assert refusal(documents.prepare(aliases)) == too_complex("aliases", 200)
    tokens = "{ " + "whoami " * 15_000 + " }"
    assert refusal(documents.prepare(tokens))[0] == "GRAPHQL_PARSE_FAILED"
    mutations = "mutation { " + " ".join(f"m{n}: __typename" for n in range(11)) + " }"
    assert refusal(documents.prepare(mutations)) == too_complex("number of mutations", 10)


def test_mutations_are_counted_through_fragments(documents: DocumentCache) -> None:
    inner = " ".join(f"m{n}: __typename" for n in range(11))
    hidden = "mutation { ...M } fragment M on Mutation { " + inner + " }"
    assert refusal(documents.prepare(hidden)) == too_complex("number of mutations", 10)
