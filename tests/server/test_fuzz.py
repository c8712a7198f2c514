"""Whatever comes in, the edge's parsers give a request or a coded refusal."""

from __future__ import annotations

import contextlib

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config import BatchingConfig, LimitsConfig
from router.server.negotiation import check_content_type, negotiate
from router.server.parameters import parse_body, parse_query_string
from router.server.refusal import RefusedError
from router.server.request_id import choose_request_id

LIMITS = LimitsConfig(max_json_depth=5)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
parameter_maps = st.dictionaries(
    st.sampled_from(["query", "variables", "operationName", "extensions", "other"]), json_values
)


@given(st.binary(max_size=200) | (json_values | parameter_maps | st.lists(parameter_maps)).map(orjson.dumps))
@settings(max_examples=150, deadline=None)
def test_any_body_is_a_request_or_refused(body: bytes) -> None:
    for batching in (BatchingConfig(), BatchingConfig(enabled=True)):
        with contextlib.suppress(RefusedError):
            parse_body(body, LIMITS, batching)


@given(st.binary(max_size=120) | st.text(max_size=60).map(lambda text: f"query={text}&variables=".encode()))
@settings(max_examples=300, deadline=None)
def test_any_query_string_is_a_request_or_refused(query_string: bytes) -> None:
    with contextlib.suppress(RefusedError):
        parse_query_string(query_string, LIMITS)


@given(st.text(max_size=60) | st.text("aplicton/json*;q=.01, -+graphql", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_header_value_is_understood_or_refused(value: str) -> None:
    with contextlib.suppress(RefusedError):
        negotiate(value)
    with contextlib.suppress(RefusedError):
        check_content_type(value)
    assert choose_request_id(value).isprintable()
