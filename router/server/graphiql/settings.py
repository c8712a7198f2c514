"""The router's settings inside the page, as a JSON block that no browser runs."""

from __future__ import annotations

import json

from router.config import ServerConfig

MARKER = "<!--zellige-settings-->"


def insert_settings(html: str, config: ServerConfig) -> str:
    """Returns the page with the settings block in place of its marker."""
    settings = {
        "endpoint": config.path,
        "subscriptionEndpoint": config.graphiql.subscription_path,
        "defaultQuery": config.graphiql.default_query,
    }
    # "</script" inside a JSON string would end the block: the escape means the same to JSON.parse.
    text = json.dumps(settings).replace("<", "\\u003c")
    return html.replace(MARKER, f'<script type="application/json" id="zellige-settings">{text}</script>')
