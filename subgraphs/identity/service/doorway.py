"""What every way in needs: passwords hashed, tokens signed, guesses counted, secrets sealed."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.identity.service.access_tokens import TokenSigner
from subgraphs.identity.service.attempts import Attempts
from subgraphs.identity.service.passwords import PasswordHashing
from subgraphs.identity.service.relying_party import RelyingParty
from subgraphs.kit.sealing import Sealing


@dataclass(frozen=True, slots=True)
class Doorway:
    """The parts, wired once; `storage` seals what tables keep, `letters` what events carry."""

    hashing: PasswordHashing
    signer: TokenSigner
    attempts: Attempts
    storage: Sealing
    letters: Sealing
    relying_party: RelyingParty
