"""Documents as the tests of this folder publish and name them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from router.config import RouterConfig

NAMES = "query Names { products { name } }"
ME = "query Me { me { id } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def by_hash(hash_: str, **more: Any) -> dict[str, Any]:
    """Returns the request that names a document as Apollo's clients do."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}, **more}


def write_apollo_manifest(path: Path, *texts: str) -> None:
    """Writes what Apollo's tool generates."""
    operations = [{"id": hash_of(text), "name": None, "type": "query", "body": text} for text in texts]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    path.with_suffix(".new").write_text(json.dumps(manifest))
    path.with_suffix(".new").replace(path)


def with_documents(**documents: Any) -> RouterConfig:
    """Returns settings with these documents."""
    return RouterConfig.model_validate({"documents": {"poll_interval_ms": 50, **documents}})
