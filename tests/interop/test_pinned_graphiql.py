"""The hashes in the GraphiQL page for machines without Node are those of the files in the npm packages."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from router.server.graphiql.pinned import SCRIPTS, STYLES
from tests.interop.node_packages import require_packages

PROJECT = Path(__file__).parent / "pinned-graphiql"


def test_every_pinned_hash_is_that_of_the_published_file() -> None:
    require_packages(PROJECT)
    for pinned, digest in {**SCRIPTS, **STYLES}.items():
        name, _, rest = pinned.partition("@")
        version, _, file = rest.partition("/")
        package = PROJECT / "node_modules" / name
        assert json.loads((package / "package.json").read_text())["version"] == version
        found = base64.b64encode(hashlib.sha384((package / file).read_bytes()).digest()).decode()
        assert digest == f"sha384-{found}", pinned
