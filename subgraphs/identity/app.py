"""Identity, wired."""

from __future__ import annotations

from subgraphs.identity.oauth.account_pages import account_routes
from subgraphs.identity.oauth.parts import OauthParts
from subgraphs.identity.oauth.routes import oauth_routes
from subgraphs.identity.routes.browser_sessions import browser_session_routes
from subgraphs.identity.routes.credentials import credential_routes
from subgraphs.identity.routes.published_keys import key_routes
from subgraphs.identity.schema import build_schema
from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.attempts import AttemptLimits, Attempts
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.ended_sessions import EndedSessions
from subgraphs.identity.service.oauth.external_login import read_external_providers
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.identity.service.relying_party import RelyingParty
from subgraphs.kit.app import SubgraphApp, Wiring
from subgraphs.kit.clock import Clock, SystemClock
from subgraphs.kit.database import Database
from subgraphs.kit.sealing import event_sealing, storage_sealing
from subgraphs.kit.settings import KitSettings


def create_app(
    settings: KitSettings,
    *,
    clock: Clock | None = None,
    hashing: PasswordHashing | None = None,
    attempt_limits: AttemptLimits | None = None,
) -> SubgraphApp:
    """Returns the identity subgraph; it needs `settings.signing_key` and `settings.internal_secret`."""
    clock = clock or SystemClock()
    ended = EndedSessions(settings)
    doorway = Doorway(
        hashing=hashing or PasswordHashing(),
        signer=TokenSigner(settings),
        attempts=Attempts(settings, attempt_limits),
        storage=storage_sealing(settings),
        letters=event_sealing(settings),
        relying_party=RelyingParty(settings),
    )
    database = Database(settings, "identity")
    external_providers = read_external_providers(settings.external_providers)
    oauth = OauthParts(settings, database, clock, doorway, external_providers)
    wiring = Wiring(
        clock=clock,
        ports={Doorway: doorway, EndedSessions: ended},
        routers=[
            key_routes(doorway.signer, database, clock),
            credential_routes(doorway.signer, database, clock, settings),
            browser_session_routes(doorway, database, clock, settings),
            oauth_routes(oauth),
            account_routes(oauth),
        ],
        on_shutdown=[doorway.hashing.close, doorway.attempts.close, ended.close],
        database=database,
    )
    return SubgraphApp("identity", settings, build_schema(), wiring)
