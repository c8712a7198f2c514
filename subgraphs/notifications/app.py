"""Notifications, wired."""

from __future__ import annotations

from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.settings import KitSettings
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.routes.receipts import receipt_routes
from subgraphs.notifications.routes.unsubscribe import unsubscribe_routes
from subgraphs.notifications.schema import build_schema
from subgraphs.notifications.service.delivery.port import Delivery


def create_app(
    settings: KitSettings, *, clock: Clock | None = None, delivery: DeliverySettings | None = None
) -> SubgraphApp:
    """Returns the notifications subgraph; `delivery` is what the environment says unless it is given."""
    clock = clock or SystemClock()
    port = Delivery.of(settings, delivery or DeliverySettings(), clock)
    wiring = Wiring(
        clock=clock,
        ports={Delivery: port},
        # The app does not exist before its routes do; they ask for it when they are called.
        routers=[unsubscribe_routes(lambda: app), receipt_routes(lambda: app)],
        on_shutdown=[port.close],
    )
    app = SubgraphApp("notifications", settings, build_schema(), wiring)
    return app
