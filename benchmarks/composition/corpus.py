"""What is composed: sets of subgraph SDLs by name."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import conformance

SCHEMAS = Path(__file__).resolve().parents[2] / "schema/subgraphs"
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@external", "@requires", "@shareable"])\n'
)


@dataclass(frozen=True, slots=True)
class CompositionCorpus:
    """Sets of subgraphs that are measured together."""

    title: str
    sets: tuple[Mapping[str, str], ...]


def own_corpus() -> CompositionCorpus:
    """Returns the platform's own subgraphs, under a version of federation that every composer knows."""
    subgraphs = {
        file.stem: re.sub(r"federation/v2\.\d+", "federation/v2.9", file.read_text("utf-8"))
        for file in sorted(SCHEMAS.glob("*.graphql"))
    }
    return CompositionCorpus("own domains", (subgraphs,))


def conformance_corpus() -> CompositionCorpus:
    """Returns the conformance suites; no sets where they are not found."""
    return CompositionCorpus(
        "conformance suites", tuple(conformance.subgraph_sdls(suite) for suite in conformance.suites())
    )


def generated_corpus(subgraphs: int, entities: int, homes: int, seed: int = 1) -> CompositionCorpus:
    """Returns one set of subgraphs with so many entities each; every entity lives in so many subgraphs.

    Each home adds fields of its own to the entity, leads on to another one there, and for every fifth
    requires a field of the next home. With as many homes as subgraphs, every entity is everywhere.
    """
    rng = random.Random(seed)
    held: dict[int, dict[int, int]] = {number: {} for number in range(subgraphs)}
    for entity in range(subgraphs * entities // homes):
        # Within a block of entities the step is the same, so that all subgraphs get equally many.
        step = entity // subgraphs % (subgraphs // homes) + 1
        lives = [(entity + place * step) % subgraphs for place in range(homes)]
        for home, neighbour in zip(lives, lives[1:] + lives[:1], strict=True):
            held[home][entity] = neighbour
    made = {f"sub{number:03}": generated_subgraph(number, held[number], rng) for number in held}
    title = f"{subgraphs} subgraphs of {entities} entities, each in {homes}"
    return CompositionCorpus(title, (made,))


def generated_subgraph(number: int, held: Mapping[int, int], rng: random.Random) -> str:
    """Returns the SDL of one subgraph, of its entities and for each the next subgraph it lives in."""
    lines = [LINK, "type Query {"]
    lines += [f"  find{number}of{entity}: Entity{entity}" for entity in list(held)[::10]]
    lines.append("}")
    for entity, neighbour in held.items():
        lines.append(f'type Entity{entity} @key(fields: "id") {{')
        lines.append("  id: ID!")
        lines.append(f"  own{number}(first: Int = 10): String")
        lines.append(f"  next{number}: Entity{rng.choice(list(held))}")
        if entity % 5 == 0:
            lines.append(f"  own{neighbour}(first: Int = 10): String @external")
            lines.append(f'  made{number}: Int @requires(fields: "own{neighbour}")')
        lines.append("}")
    return "\n".join(lines)
