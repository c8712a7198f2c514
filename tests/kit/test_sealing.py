"""Sealed secrets: opened by their keys for their purpose only. Where clients are, whatever they say."""

from __future__ import annotations

import pytest

from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.sealing import Sealing, UnreadableSecretError, event_sealing, storage_sealing
from subgraphs.kit.settings import KitSettings

OLD, NEW = "o" * 32, "n" * 32


def test_a_sealed_text_is_read_again_and_shows_nothing() -> None:
    sealing = Sealing([NEW])
    sealed = sealing.seal("JBSWY3DP", "totp")
    assert "JBSWY3DP" not in sealed
    assert sealed != sealing.seal("JBSWY3DP", "totp")
    assert sealing.open(sealed, "totp") == "JBSWY3DP"


@pytest.mark.parametrize("damage", ["", "x", "=", "é", "A" * 80])
def test_what_was_changed_or_is_no_sealed_text_is_not_read(damage: str) -> None:
    with pytest.raises(UnreadableSecretError):
        Sealing([NEW]).open(damage, "totp")


def test_a_secret_for_one_purpose_is_none_for_another() -> None:
    sealing = Sealing([NEW])
    with pytest.raises(UnreadableSecretError):
        sealing.open(sealing.seal("secret", "totp"), "signing key")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = Sealing([OLD]).seal("secret", "totp")
    both = Sealing([NEW, OLD])
    assert both.open(sealed, "totp") == "secret"
    with pytest.raises(UnreadableSecretError):
        Sealing([OLD]).open(both.seal("secret", "totp"), "totp")


def test_tables_and_events_have_keys_of_their_own() -> None:
    settings = KitSettings(internal_secret=OLD, encryption_keys=NEW)
    with pytest.raises(UnreadableSecretError):
        event_sealing(settings).open(storage_sealing(settings).seal("secret", "x"), "x")
    with pytest.raises(RuntimeError, match="ENCRYPTION_KEYS"):
        storage_sealing(KitSettings(internal_secret=OLD, encryption_keys="short"))


@pytest.mark.parametrize(
    ("told", "is_address"),
    [("::ffff:10.0.0.1", "10.0.0.1"), ("2001:DB8::1", "2001:db8::1"), ("not one", None), ("", None)],
)
def test_the_client_address_is_canonical_or_unknown(told: str, is_address: str | None) -> None:
    origin = ClientOrigin.of({"x-client-address": told, "user-agent": "x" * 500})
    assert (origin.address, len(origin.user_agent or "")) == (is_address, 400)
