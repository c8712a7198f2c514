"""Forged, stolen, stale and confused tokens: every one is UNAUTHENTICATED, and none says why."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.auth.keys import generate_signing_key, key_id, public_jwks, read_signing_key
from subgraphs.kit.auth.viewer import ANONYMOUS, Viewer
from subgraphs.kit.errors import Unauthenticated
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings
from tests.support.database import INTERNAL_SECRET, SIGNING_KEY
from tests.support.subgraph import MovableClock, sign_access_token

SETTINGS = KitSettings(signing_key=SIGNING_KEY, internal_secret=INTERNAL_SECRET, token_cache_entries_max=10)
KEY = read_signing_key(SIGNING_KEY)
KID = key_id(KEY.public_key())
VIEWER = Viewer(
    user_id=new_id(),
    organization_id=new_id(),
    session_id=new_id(),
    roles=("staff",),
    permissions=frozenset({"orders:read"}),
)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


async def viewer_of(token: str, clock: MovableClock, settings: KitSettings = SETTINGS) -> Viewer:
    return await Authenticator(settings, clock).viewer_of({"authorization": f"Bearer {token}"})


async def assert_refused(token: str, clock: MovableClock, settings: KitSettings = SETTINGS) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await viewer_of(token, clock, settings)
    assert refusal.value.message == "The access token is not valid or has expired"


def claims(**changes: Any) -> dict[str, Any]:
    token = sign_access_token(SETTINGS, VIEWER, changes)
    return jwt.decode(token, options={"verify_signature": False})


def encode_part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def sign_with_secret(content: dict[str, Any], secret: bytes) -> str:
    """Signs by hand: the library refuses to use a public key as a secret, an attacker does not."""
    signed = f"{encode_part({'alg': 'HS256', 'kid': KID})}.{encode_part(content)}"
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def test_a_good_token_is_its_viewer(clock: MovableClock) -> None:
    assert await viewer_of(sign_access_token(SETTINGS, VIEWER, {}), clock) == VIEWER


async def test_no_header_is_anonymous_and_another_scheme_is_not(clock: MovableClock) -> None:
    authenticator = Authenticator(SETTINGS, clock)
    assert await authenticator.viewer_of({}) is ANONYMOUS
    assert await authenticator.viewer_of({"authorization": " "}) is ANONYMOUS
    for header in ("Basic YTpi", "Bearer", "Bearer ", "Bearer " + "x" * 9000):
        with pytest.raises(Unauthenticated):
            await authenticator.viewer_of({"authorization": header})


async def test_unsigned_tokens_are_refused(clock: MovableClock) -> None:
    for algorithm in ("none", "None", "NONE", "", None):
        header = encode_part({"alg": algorithm, "typ": "JWT", "kid": KID})
        await assert_refused(f"{header}.{encode_part(claims())}.", clock)
    good = sign_access_token(SETTINGS, VIEWER, {})
    head, body, _ = good.split(".")
    await assert_refused(f"{head}.{body}.", clock)
    await assert_refused(f"{head}.{encode_part(claims(sub=str(new_id())))}.{good.split('.')[2]}", clock)


async def test_the_public_key_is_no_hmac_secret(clock: MovableClock) -> None:
    """The classic confusion: an HS256 token signed with what everybody may download."""
    public = KEY.public_key()
    secrets = [
        public.public_bytes_raw(),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(public_jwks(public)).encode(),
        base64.urlsafe_b64encode(public.public_bytes_raw()),
    ]
    for secret in secrets:
        for audience in (SETTINGS.token_audience, "internal"):
            await assert_refused(sign_with_secret(claims(aud=audience), secret), clock)


async def test_the_internal_secret_signs_no_users(clock: MovableClock) -> None:
    token = jwt.encode(claims(), INTERNAL_SECRET, "HS256", headers={"kid": KID})
    await assert_refused(token, clock)


async def test_other_algorithms_are_refused(clock: MovableClock) -> None:
    for algorithm in ("HS384", "HS512"):
        await assert_refused(jwt.encode(claims(aud="internal"), INTERNAL_SECRET * 2, algorithm), clock)


async def test_a_foreign_key_is_refused_whatever_kid_it_claims(clock: MovableClock) -> None:
    foreign = Ed25519PrivateKey.generate()
    for kid in (KID, key_id(foreign.public_key()), "../../etc/passwd", ""):
        await assert_refused(jwt.encode(claims(), foreign, "EdDSA", headers={"kid": kid}), clock)
    await assert_refused(jwt.encode(claims(), KEY, "EdDSA"), clock)
    header = encode_part({"alg": "EdDSA", "kid": 7})
    await assert_refused(f"{header}.{encode_part(claims())}.x", clock)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "somebody"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        # A fixed year far ahead: every worker of a parallel run must collect the same test names.
        {"nbf": int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())},
        {"nbf": None},
        {"sub": "amina"},
        {"sub": None},
        {"sid": None},
        {"jti": None},
        {"iat": None},
        {"org": "oran"},
        {"permissions": 7},
    ],
    ids=str,
)
async def test_a_wrong_claim_refuses_the_token(clock: MovableClock, change: dict[str, Any]) -> None:
    await assert_refused(sign_access_token(SETTINGS, VIEWER, change), clock)


async def test_a_token_is_over_when_it_expires_also_if_remembered(clock: MovableClock) -> None:
    authenticator = Authenticator(SETTINGS, clock)
    header = {"authorization": f"Bearer {sign_access_token(SETTINGS, VIEWER, {})}"}
    for _ in range(2):
        assert await authenticator.viewer_of(header) == VIEWER
    clock.advance(minutes=15)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await authenticator.viewer_of(header)


async def test_remembered_tokens_are_bounded(clock: MovableClock) -> None:
    authenticator = Authenticator(SETTINGS, clock)
    for _ in range(25):
        token = sign_access_token(SETTINGS, VIEWER, {})
        await authenticator.viewer_of({"authorization": f"Bearer {token}"})
    assert len(authenticator._verified) == 10


async def test_a_service_token_acts_for_its_user_a_minute_long(clock: MovableClock) -> None:
    token = service_token(SETTINGS, clock, "orders", VIEWER, frozenset({"stock:reserve"}))
    viewer = await viewer_of(token, clock)
    assert viewer == Viewer(
        user_id=VIEWER.user_id,
        organization_id=VIEWER.organization_id,
        permissions=frozenset({"stock:reserve"}),
        service="orders",
    )
    clock.advance(seconds=61)
    await assert_refused(token, clock)


async def test_a_service_token_of_an_hour_is_refused(clock: MovableClock) -> None:
    now = int(clock.now().timestamp())
    content = {
        "iss": SETTINGS.token_issuer,
        "aud": "internal",
        "sub": "orders",
        "jti": "1",
        "iat": now,
        "exp": now + 3600,
    }
    await assert_refused(jwt.encode(content, INTERNAL_SECRET, "HS256"), clock)
    # Nor does a later `iat` buy time.
    await assert_refused(jwt.encode({**content, "iat": now + 3590}, INTERNAL_SECRET, "HS256"), clock)


async def test_without_a_secret_no_service_token_is_good(clock: MovableClock) -> None:
    token = service_token(SETTINGS, clock, "orders", VIEWER)
    await assert_refused(token, clock, SETTINGS.model_copy(update={"internal_secret": None}))
    weak = SETTINGS.model_copy(update={"internal_secret": "short"})
    with pytest.raises(RuntimeError, match="at least 32 characters"):
        service_token(weak, clock, "orders", VIEWER)


async def test_a_new_key_is_picked_up_and_the_old_one_stays_good(clock: MovableClock, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(public_jwks(KEY.public_key())))
    settings = KitSettings(jwks=str(file))
    authenticator = Authenticator(settings, clock)
    old = {"authorization": f"Bearer {sign_access_token(SETTINGS, VIEWER, {})}"}
    assert await authenticator.viewer_of(old) == VIEWER
    successor = read_signing_key(generate_signing_key())
    token = jwt.encode(claims(), successor, "EdDSA", headers={"kid": key_id(successor.public_key())})
    new = {"authorization": f"Bearer {token}"}
    file.write_text(json.dumps(public_jwks(successor.public_key(), KEY.public_key())))
    with pytest.raises(Unauthenticated):
        await authenticator.viewer_of(new)
    clock.advance(seconds=11)
    assert await authenticator.viewer_of(new) == VIEWER
    assert await authenticator.viewer_of(old) == VIEWER


async def test_an_unreadable_source_keeps_the_keys_known(clock: MovableClock, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(public_jwks(KEY.public_key())))
    authenticator = Authenticator(KitSettings(jwks=str(file)), clock)
    good = {"authorization": f"Bearer {sign_access_token(SETTINGS, VIEWER, {})}"}
    await authenticator.viewer_of(good)
    file.write_text("gone")
    clock.advance(seconds=60)
    foreign = jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": "other"})
    with pytest.raises(Unauthenticated):
        await authenticator.viewer_of({"authorization": f"Bearer {foreign}"})
    second = {"authorization": f"Bearer {sign_access_token(SETTINGS, VIEWER, {})}"}
    assert await authenticator.viewer_of(second) == VIEWER


def test_retired_keys_are_published_besides() -> None:
    old = read_signing_key(generate_signing_key()).public_key()
    settings = SETTINGS.model_copy(update={"retired_jwks": json.dumps(public_jwks(old))})
    assert [key["kid"] for key in published_jwks(settings)["keys"]] == [KID, key_id(old)]


def test_permissions_match_by_name_resource_or_all() -> None:
    def may(held: str) -> bool:
        return Viewer(permissions=frozenset({held})).may("orders:read")

    assert [may(held) for held in ("orders:read", "orders:*", "*")] == [True, True, True]
    assert [may(held) for held in ("orders:write", "order:*", "orders", "*:read", "")] == [False] * 5
