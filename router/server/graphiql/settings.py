"""The router's settings inside the page, as a JSON block that no browser runs."""

from __future__ import annotations

import json

from router.config import ServerConfig

MARKER = "<!--zellige-settings-->"


def insert_settings(html: str, config: ServerConfig, *, shows_plans: bool = False) -> str:
    """Returns the page with the settings block in place of its marker.

    With `shows_plans` the page has the tab of query plans.
    """
    settings = {
        "endpoint": config.path,
        "subscriptionEndpoint": config.graphiql.subscription_path,
        "defaultQuery": config.graphiql.default_query,
        "showsPlans": shows_plans,
    }
    # "</script" inside a JSON string would end the block: the escape means the same to JSON.parse.
    text = json.dumps(settings).replace("<", "\\u003c")
    return html.replace(MARKER, f'<script type="application/json" id="zellige-settings">{text}</script>')
