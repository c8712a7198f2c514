"""Notifications, wired."""

from __future__ import annotations

from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.database import Database
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
    database = Database(settings, "notifications")
    wiring = Wiring(
        clock=clock,
        ports={Delivery: port},
        routers=[unsubscribe_routes(port, database, clock), receipt_routes(port, database, clock)],
        on_shutdown=[port.close],
        database=database,
    )
    return SubgraphApp("notifications", settings, build_schema(), wiring)
