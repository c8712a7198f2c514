"""One request through the kit: who asks, what is refused, what is masked."""

from __future__ import annotations

from tests.support.statements import recorded_statements
from tests.support.subgraph import RunningSubgraph

SHELVE = """
mutation($i: BookShelveInput!) {
  bookShelve(input: $i) {
    book { title pages price { amountMinor formatted(locale: FR) } twin { title } }
    userErrors { code message field }
  }
}
"""


async def test_a_mutation_commits_and_its_payload_reads_what_it_wrote(shelf: RunningSubgraph) -> None:
    staff = shelf.user(permissions=["books:write"])
    data = await shelf.data(SHELVE, {"i": {"title": "Nedjma", "pages": 256}}, staff)
    assert data == {
        "bookShelve": {
            "book": {
                "title": "Nedjma",
                "pages": 256,
                "price": {"amountMinor": "38400", "formatted": "384,00\xa0DA"},
                "twin": {"title": "Nedjma"},
            },
            "userErrors": [],
        }
    }
    with recorded_statements(shelf.app.database.engine) as statements:
        listed = await shelf.data("{ books { nodes { title } } }")
    assert listed == {"books": {"nodes": [{"title": "Nedjma"}]}}
    assert len(statements) == 1
