"""The providers there are: the platform's from the settings, an organization's own from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.clock import Clock
from subgraphs.notifications.channels.letter import Provider
from subgraphs.notifications.channels.mail_folder import MailFolder
from subgraphs.notifications.channels.settings import DeliverySettings, Gateway
from subgraphs.notifications.channels.signatures import read_secret
from subgraphs.notifications.channels.smtp import SmtpProvider
from subgraphs.notifications.channels.smtp_address import read_smtp_url
from subgraphs.notifications.channels.webhook import WebhookEndpoint, WebhookProvider
from subgraphs.notifications.states import Channel


@dataclass(frozen=True, slots=True)
class OwnProvider:
    """A provider that an organization has set up for itself."""

    name: str
    url: str
    secret_reference: str


def own_provider_name(organization_id: UUID, name: str) -> str:
    """Returns what an organization's provider is called beside the platform's and everybody else's."""
    return f"{organization_id}/{name}"


class Providers:
    """The platform's providers by channel and in order; organizations' own are made when they are used."""

    def __init__(self, settings: DeliverySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._platform: dict[Channel, tuple[Provider, ...]] = {
            Channel.EMAIL: (_mail_provider(settings),),
            Channel.SMS: tuple(self._gateway(each) for each in settings.sms_gateways),
            Channel.PUSH: tuple(self._gateway(each) for each in settings.push_gateways),
        }

    def of(self, channel: Channel, own: Sequence[OwnProvider] = ()) -> tuple[Provider, ...]:
        """Returns the providers of the channel in order; an organization's own stand in for the platform's.

        One whose secret is not among the settings is left out: nothing may leave unsigned.
        """
        secrets = self._settings.webhook_secrets
        found = tuple(
            self._webhook(each.name, each.url, read_secret(secrets[each.secret_reference].get_secret_value()))
            for each in own
            if each.secret_reference in secrets
        )
        return found if own else self._platform.get(channel, ())

    def receipt_keys(self, provider: str) -> list[bytes]:
        """Returns the keys a provider of the platform signs its receipts with; none when it sends none."""
        settings = self._settings
        gateways = [*settings.sms_gateways, *settings.push_gateways]
        keys = [gateway.key() for gateway in gateways if gateway.name == provider]
        if provider == SmtpProvider.name and settings.mail_receipt_secret is not None:
            keys.append(read_secret(settings.mail_receipt_secret.get_secret_value()))
        return keys

    def own_receipt_keys(self, secret_references: Sequence[str]) -> list[bytes]:
        """Returns the keys of an organization's provider, by the references of its settings."""
        secrets = self._settings.webhook_secrets
        known = [secrets[each] for each in secret_references if each in secrets]
        return [read_secret(each.get_secret_value()) for each in known]

    async def close(self) -> None:
        """Ends the connections that are kept."""
        for providers in self._platform.values():
            for provider in providers:
                await provider.close()

    def _gateway(self, gateway: Gateway) -> Provider:
        return self._webhook(gateway.name, gateway.url, gateway.key())

    def _webhook(self, name: str, url: str, key: bytes) -> Provider:
        settings = self._settings
        endpoint = WebhookEndpoint(name, url, key, settings.webhook_timeout_s)
        return WebhookProvider(endpoint, settings.guard(), self._clock)


def _mail_provider(settings: DeliverySettings) -> Provider:
    if settings.smtp_url is None:
        return MailFolder(settings.mail_folder, settings.mail_from)
    address = read_smtp_url(settings.smtp_url.get_secret_value())
    return SmtpProvider(address, settings.mail_from, settings.smtp_timeout_s)
