"""The page for a machine without Node: files of the npm registry by way of a CDN, held by integrity hashes.

GraphiQL 5 is published only as modules to be bundled, so no file of it can be loaded by a browser as it
stands. The newest release whose own package holds such a file is 4.1.2, with React 18. Each hash was computed
from the file inside the npm package; a CDN that sends anything else is refused by the browser.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from fastapi.responses import FileResponse, PlainTextResponse, Response

from router.server.graphiql.settings import MARKER

PINNED_ORIGIN = "https://unpkg.com"
PINNED_SCRIPTS = "graphiql-start"

STYLES = {
    "graphiql@4.1.2/graphiql.min.css": (
        "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr"
    ),
}
SCRIPTS = {
    "react@18.3.1/umd/react.production.min.js": (
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z"
    ),
    "react-dom@18.3.1/umd/react-dom.production.min.js": (
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1"
    ),
    "graphql-ws@6.4.2/umd/graphql-ws.min.js": (
        "sha384-mxvR4Mzbsb6QVx/9xI2gtQikQA6m8zMDBFnu3l//4/ROsWt7y2sUGWd+/tYQqDm7"
    ),
    "graphiql@4.1.2/graphiql.min.js": (
        "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B"
    ),
}

_START = Path(__file__).parent / "start"

_PAGE = Template("""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <meta name="color-scheme" content="light dark" />
    <title>Zellige · GraphiQL</title>
    $marker
    $styles
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="$start/start.css" />
  </head>
  <body>
    <div id="graphiql">Loading GraphiQL…</div>
    <noscript>GraphiQL needs JavaScript.</noscript>
    $scripts
    <script src="$start/start.js"></script>
  </body>
</html>
""")


def pinned_page(origin: str = PINNED_ORIGIN) -> str:
    """Returns the HTML; `origin` serves npm packages under `/name@version/path`."""
    held = 'integrity="{}" crossorigin="anonymous"'
    styles = [
        f'<link rel="stylesheet" href="{origin}/{path}" {held.format(digest)} />'
        for path, digest in STYLES.items()
    ]
    scripts = [
        f'<script src="{origin}/{path}" {held.format(digest)}></script>' for path, digest in SCRIPTS.items()
    ]
    return _PAGE.substitute(
        marker=MARKER, styles="\n    ".join(styles), scripts="\n    ".join(scripts), start=PINNED_SCRIPTS
    )


def pinned_script(name: str) -> Response:
    """Returns one of the page's own files, which the policy keeps out of the HTML."""
    found = {path.name: path for path in _START.glob("*")}.get(name)
    if found is None:
        return PlainTextResponse("Not found", status_code=404)
    return FileResponse(found, headers={"cache-control": "no-cache"})
