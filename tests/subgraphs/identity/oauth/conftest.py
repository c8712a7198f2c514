"""The provider over HTTP, a client of Authlib's on one side of it and a person's browser on the other."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.subgraphs.identity.people import PASSWORD, People, Person
from tests.support.subgraph import RunningSubgraph

CALLBACK = "https://shop.example.dz/callback"
REGISTER = """mutation($input: OauthClientInput!) { oauthClientRegister(input: $input) {
  client { id name confidential redirectUris grantTypes scopes version } clientSecret
  userErrors { code field } } }"""
SCOPES = ["openid", "profile", "email", "offline_access", "orders:read", "products:write"]
_INPUT = re.compile(r'<(?:input|button)[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"')


@dataclass(frozen=True)
class Client:
    """A registered client."""

    id: str
    secret: str | None


class Browser:
    """A person's browser: it keeps cookies, follows our redirects, fills in our forms."""

    def __init__(self, transport: httpx2.ASGITransport, issuer: str, language: str = "en") -> None:
        self.http = httpx2.AsyncClient(
            transport=transport, base_url=issuer, headers={"accept-language": language}
        )
        self.issuer = issuer

    async def open(self, url: str) -> httpx2.Response:
        """Returns the page, or the redirect that leads away from us."""
        answer = await self.http.get(url)
        while answer.status_code == 303 and answer.headers["location"].startswith(("/", self.issuer)):
            answer = await self.http.get(answer.headers["location"])
        return answer

    async def submit(self, page: httpx2.Response, path: str, **filled: str) -> httpx2.Response:
        """Sends the form with that action and returns what follows."""
        form = page.text.partition(f'action="{path}"')[2].partition("</form>")[0]
        hidden = {name: unescape(value) for name, value in _INPUT.findall(form) if name != "decision"}
        answer = await self.http.post(path, data={**hidden, **filled})
        if answer.status_code == 303 and answer.headers["location"].startswith("/"):
            return await self.open(answer.headers["location"])
        return answer

    async def log_in(
        self, page: httpx2.Response, person: Person, password: str = PASSWORD
    ) -> httpx2.Response:
        """Logs the person in on the page and returns what follows."""
        return await self.submit(page, "/oauth/login", email=person.email, password=password)

    async def close(self) -> None:
        """Closes it."""
        await self.http.aclose()


class Provider:
    """The provider under test."""

    def __init__(self, identity: RunningSubgraph, people: People) -> None:
        self.identity = identity
        self.people = people
        self.issuer = identity.settings.public_url
        self.transport = httpx2.ASGITransport(app=identity.app.asgi)
        self._opened: list[Any] = []

    def browser(self, language: str = "en") -> Browser:
        """Returns a browser of its own."""
        browser = Browser(self.transport, self.issuer, language)
        self._opened.append(browser)
        return browser

    async def register(self, owner: Person, **changes: Any) -> Client:
        """Returns a client of the owner's organization."""
        payload = await self.register_payload(owner, **changes)
        assert payload["userErrors"] == []
        return Client(payload["client"]["id"], payload["clientSecret"])

    async def register_payload(self, owner: Person, **changes: Any) -> Mapping[str, Any]:
        """Returns what a registration answers."""
        given = {
            "name": "Étal",
            "redirectUris": [CALLBACK],
            "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS", "DEVICE_CODE"],
            "scopes": SCOPES,
            **changes,
        }
        answer = await self.identity.data(REGISTER, {"input": given}, owner.caller)
        return answer["oauthClientRegister"]

    def client(self, client: Client, scope: str = "openid profile email") -> AsyncOAuth2Client:
        """Returns Authlib's client for it, as its users would set it up."""
        opened = AsyncOAuth2Client(
            client.id,
            client.secret,
            scope=scope,
            redirect_uri=CALLBACK,
            code_challenge_method="S256",
            token_endpoint=f"{self.issuer}/oauth/token",
            token_endpoint_auth_method="client_secret_basic" if client.secret else "none",
            transport=self.transport,
        )
        self._opened.append(opened)
        return opened

    async def post(self, path: str, client: Client, **form: str) -> httpx2.Response:
        """Returns the answer to a form the client sends with its secret."""
        auth = (client.id, client.secret) if client.secret else None
        data = form if auth else {**form, "client_id": client.id}
        async with httpx2.AsyncClient(transport=self.transport, base_url=self.issuer) as http:
            return await http.post(path, data=data, auth=auth or httpx2.USE_CLIENT_DEFAULT)

    async def call_api(self, access_token: str, query: str) -> dict[str, Any]:
        """Returns what our API answers to the token."""
        return await self.identity.app.execute(query, None, None, {"authorization": f"Bearer {access_token}"})

    async def close(self) -> None:
        """Closes all browsers and clients."""
        for each in self._opened:
            await (each.close() if isinstance(each, Browser) else each.aclose())


def answered(response: httpx2.Response) -> dict[str, str]:
    """Returns the parameters with which a browser was sent back to the client."""
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert location.startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(location).query))


@pytest.fixture
async def provider(identity: RunningSubgraph, people: People) -> AsyncIterator[Provider]:
    running = Provider(identity, people)
    yield running
    await running.close()
