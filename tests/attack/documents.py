"""Documents that are small to send and dear to look at, each with what refuses it."""

from __future__ import annotations

from typing import NamedTuple

LIMIT, INVALID, UNPARSABLE = "DOCUMENT_LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"


class Bomb(NamedTuple):
    """A document, the code that refuses it, and the limit that code names."""

    text: str
    code: str
    limit: str | None = None


def _inside(selections: str) -> str:
    return f"{{ products {{ {selections} }} }}"


def _doubling(levels: int) -> str:
    fragments = (
        f"fragment F{n} on Product {{ a: reviews {{ product {{ ...F{n + 1} }} }}"
        f" b: reviews {{ product {{ ...F{n + 1} }} }} }}"
        for n in range(levels)
    )
    return _inside("...F0") + " ".join(fragments) + f" fragment F{levels} on Product {{ id }}"


def _chain(length: int) -> str:
    fragments = " ".join(f"fragment F{n} on Product {{ ...F{n + 1} }}" for n in range(length))
    return _inside("...F0") + fragments + f" fragment F{length} on Product {{ id }}"


BOMBS: dict[str, Bomb] = {
    "aliases": Bomb(_inside(" ".join(f"a{n}: id" for n in range(2_000))), LIMIT, "max_aliases"),
    "one field many times": Bomb(_inside("id " * 14_000), LIMIT, "max_repetitions"),
    "one object many times": Bomb(_inside("reviews { id } " * 2_000), LIMIT, "max_repetitions"),
    "inline fragments of one field": Bomb(_inside("... { id } " * 3_000), LIMIT, "max_repetitions"),
    "the same in a fragment nobody uses": Bomb(
        "{ me { id } } fragment F on Product { category { " + "slug " * 13_000 + "} }",
        LIMIT,
        "max_repetitions",
    ),
    "fragments that double": Bomb(_doubling(20), LIMIT, "max_selections"),
    "fragments of fragments": Bomb(_chain(1_000), LIMIT, "max_definitions"),
    "many operations over many fragments": Bomb(
        " ".join(f"query Q{n} {{ me {{ id }} }}" for n in range(1_500)), LIMIT, "max_definitions"
    ),
    "a cycle": Bomb(_inside("...A") + "fragment A on Product { reviews { product { ...A } } }", INVALID),
    "a long cycle": Bomb(
        _inside("...F0")
        + " ".join(f"fragment F{n} on Product {{ ...F{(n + 1) % 400} }}" for n in range(400)),
        INVALID,
    ),
    "depth": Bomb(
        "{ products " + "{ reviews { product " * 40 + "{ id }" + " } }" * 40 + " }", LIMIT, "max_depth"
    ),
    "brackets": Bomb("{" * 100_000, LIMIT, "max_depth"),
    "flat brackets": Bomb("{}" * 400_000, LIMIT, "max_tokens"),
    "tokens": Bomb("{ " + "me { id } " * 90_000 + "}", LIMIT, "max_tokens"),
    "comments": Bomb("#\n" * 400_000 + "{ me { id } }", LIMIT, "max_tokens"),
    "root fields": Bomb(
        "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(60)) + " }", LIMIT, "max_root_fields"
    ),
    "directives": Bomb(_inside("id " + "@include(if: true) " * 300), LIMIT, "max_directives"),
    "a list of arguments": Bomb(f"{{ product(id: [{'1 ' * 5_000}]) {{ id }} }}", LIMIT, "max_list_items"),
    "nested lists": Bomb("{ product(id: " + "[" * 5_000 + "]" * 5_000 + ") { id } }", LIMIT, "max_depth"),
    "a string that never ends, begun again and again": Bomb(
        '{ me { id } } """' + '\\"""\n' * 100_000, UNPARSABLE
    ),
    "quotes": Bomb('"' * 300_001, LIMIT, "max_tokens"),
    "a name of a megabyte": Bomb(_inside("x" * 1_000_000), INVALID),
    "unknown names": Bomb(_inside(" ".join(f"nme{n}" for n in range(4_000))), INVALID),
    "unused variables": Bomb(
        "query (" + " ".join(f"$v{n}: Int" for n in range(3_000)) + ") { me { id } }", INVALID
    ),
}
