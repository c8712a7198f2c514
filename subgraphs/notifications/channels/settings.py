"""What delivery is told from outside: where mail goes, which gateways carry SMS and push, how much at once.

A wrong value ends the start with a sentence that names the setting and shows no secret.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from subgraphs.notifications.channels.guarded_connection import AddressGuard
from subgraphs.notifications.channels.mail_message import BadAddressError, address_of
from subgraphs.notifications.channels.signatures import BadSecretError, read_secret
from subgraphs.notifications.channels.smtp_address import BadSmtpUrlError, read_smtp_url

GATEWAYS_MAX = 10


class Gateway(BaseModel):
    """A webhook letters are posted to, and the secret that signs them and the receipts that come back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    url: str
    secret: SecretStr

    @field_validator("secret")
    @classmethod
    def _readable(cls, secret: SecretStr) -> SecretStr:
        read_secret(secret.get_secret_value())
        return secret

    def key(self) -> bytes:
        """Returns the key that signs."""
        return read_secret(self.secret.get_secret_value())


class RateLimits(BaseModel):
    """How many messages leave in a minute; more wait their turn. `burst` of them may leave at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_per_minute: float = Field(default=2.0, gt=0)
    user_burst: int = Field(default=20, ge=1)
    organization_per_minute: float = Field(default=600.0, gt=0)
    organization_burst: int = Field(default=1_200, ge=1)
    channel_per_minute: float = Field(default=6_000.0, gt=0)
    channel_burst: int = Field(default=6_000, ge=1)


class DeliverySettings(BaseSettings):
    """The settings of delivery, beside those every domain shares."""

    model_config = SettingsConfigDict(
        env_prefix="ZELLIGE_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    smtp_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SMTP_URL", "ZELLIGE_SMTP_URL")
    )
    """`smtp://user:password@host:587?starttls=always`, `smtps://...`; without, mail is kept in a folder."""
    smtp_timeout_s: float = Field(default=30.0, gt=0, le=120)
    mail_from: str = "Zellige <no-reply@zellige.localhost>"
    mail_folder: Path = Path(".zellige/mail")
    """Where mail is kept without `smtp_url`."""
    mail_receipt_secret: SecretStr | None = None
    """The `whsec_...` by which the mail service signs its receipts."""
    sms_gateways: tuple[Gateway, ...] = Field(default=(), max_length=GATEWAYS_MAX)
    """JSON: `[{"name": "...", "url": "https://...", "secret": "whsec_..."}]`, tried in this order."""
    push_gateways: tuple[Gateway, ...] = Field(default=(), max_length=GATEWAYS_MAX)
    webhook_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """JSON: the secrets that organizations' own providers refer to, by the name of the reference."""
    webhook_hosts_permitted: frozenset[str] = frozenset()
    """JSON list of `host` or `host:port` that webhooks may reach though private, and by http."""
    webhook_timeout_s: float = Field(default=10.0, gt=0, le=60)
    unsubscribe_days: int = Field(default=365, ge=30)
    """How long the link in a mail works; at least 30 days (CAN-SPAM)."""
    delivery_batch_max: int = Field(default=50, ge=1, le=500)
    """How many messages a worker takes at once."""
    delivery_concurrency_max: int = Field(default=8, ge=1, le=100)
    delivery_lease_s: float = Field(default=180.0, ge=10)
    """When a worker that took messages and went silent loses them; longer than sending takes."""
    delivery_attempts_max: int = Field(default=8, ge=1, le=50)
    rate_limits: RateLimits = RateLimits()

    @field_validator("smtp_url")
    @classmethod
    def _smtp_readable(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value():
            return None
        try:
            read_smtp_url(url.get_secret_value())
        except BadSmtpUrlError as error:
            raise ValueError(str(error)) from None
        return url

    @field_validator("mail_from")
    @classmethod
    def _sender_readable(cls, sender: str) -> str:
        try:
            if not address_of(sender).isascii():
                raise ValueError("the sender's address has characters beyond ASCII")
        except BadAddressError as error:
            raise ValueError(str(error)) from None
        return sender

    @field_validator("mail_receipt_secret")
    @classmethod
    def _secret_readable(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            read_secret(secret.get_secret_value())
        return secret

    @field_validator("webhook_secrets")
    @classmethod
    def _secrets_readable(cls, secrets: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in secrets.items():
            try:
                read_secret(secret.get_secret_value())
            except BadSecretError as error:
                raise ValueError(f"{name}: {error}") from None
        return secrets

    @model_validator(mode="after")
    def _gateways_usable(self) -> DeliverySettings:
        gateways = [*self.sms_gateways, *self.push_gateways]
        if len({gateway.name for gateway in gateways}) < len(gateways):
            raise ValueError("two gateways have the same name")
        for gateway in gateways:
            problem = self.guard().problem_of(gateway.url)
            if problem is not None:
                raise ValueError(f"the URL of the gateway {gateway.name}: {problem}")
        return self

    def guard(self) -> AddressGuard:
        """Returns what decides where webhooks may go."""
        return AddressGuard(frozenset(host.lower() for host in self.webhook_hosts_permitted))
