"""Mutations of one's sessions and second factors."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.schema.account_inputs import (
    LoginCompleteInput,
    PasskeyLoginInput,
    PasskeyRegisterInput,
    StepUpInput,
)
from subgraphs.identity.schema.account_types import Passkey, PasskeyChallengeType, TotpEnrolmentType
from subgraphs.identity.schema.payloads import (
    DonePayload,
    LoginPayload,
    PasskeyChallengePayload,
    PasskeyPayload,
    RecoveryCodesPayload,
    SessionRevokePayload,
    SessionsEndedPayload,
    StepUpPayload,
    TotpEnrolPayload,
)
from subgraphs.identity.schema.types import AuthTokens, User
from subgraphs.identity.service.authenticator_app import (
    confirm_totp,
    enrol_totp,
    remove_totp,
    renew_recovery_codes,
)
from subgraphs.identity.service.complete_login import GivenProof, complete_login
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.log_out import log_out_everywhere
from subgraphs.identity.service.passkeys import (
    PasskeyAnswered,
    log_in_by_passkey,
    register_passkey,
    remove_passkey,
    start_passkey_login,
    start_passkey_step_up,
    start_registration,
)
from subgraphs.identity.service.prove_again import Renewal, prove_again
from subgraphs.identity.service.revoke_session import revoke_own_session
from subgraphs.kit import fields
from subgraphs.kit.access import IsUser, Public
from subgraphs.kit.context import Info
from subgraphs.kit.errors import NotFound
from subgraphs.kit.ids import new_id, read_id


@strawberry.type
class SessionMutations:
    @fields.saga(allow=Public(), description="Shows the second factor a log-in waits for.")
    async def login_complete(self, info: Info, input: LoginCompleteInput) -> LoginPayload:
        context = info.context
        done = await complete_login(
            context.database,
            context.port(Doorway),
            input.challenge_token,
            input.factor.to_proof(),
            context.client,
            now=context.clock.now(),
        )
        context.act_as(done.tokens.viewer)
        return LoginPayload(tokens=AuthTokens.of(done.tokens), user=User.of(done.user))

    @fields.mutation(allow=Public(), description="Asks for a passkey instead of e-mail and password.")
    async def passkey_login_start(self, info: Info) -> PasskeyChallengePayload:
        context = info.context
        party = context.port(Doorway).relying_party
        challenge = await start_passkey_login(context.session, party, context.clock.now())
        return PasskeyChallengePayload(challenge=PasskeyChallengeType.of(challenge))

    @fields.mutation(allow=Public(), description="Opens a session by a passkey; it is two factors in one.")
    async def passkey_login(self, info: Info, input: PasskeyLoginInput) -> LoginPayload:
        context = info.context
        organization_id = read_id(input.organization_id) if input.organization_id is not None else None
        if input.organization_id is not None and organization_id is None:
            raise NotFound("No such organization", field=["input", "organizationId"])
        answer = PasskeyAnswered(read_id(input.challenge_id) or new_id(), input.passkey)
        done = await log_in_by_passkey(
            context.session,
            context.port(Doorway),
            answer,
            organization_id,
            context.client,
            now=context.clock.now(),
        )
        context.act_as(done.tokens.viewer)
        return LoginPayload(tokens=AuthTokens.of(done.tokens), user=User.of(done.user))

    @fields.saga(allow=IsUser(), description="Proves again who is there, before a sensitive operation.")
    async def step_up(self, info: Info, input: StepUpInput) -> StepUpPayload:
        context = info.context
        proof = input.factor.to_proof() if input.factor is not None else GivenProof()
        challenge_id = read_id(input.passkey_challenge_id) if input.passkey_challenge_id else None
        given = Renewal(input.password, proof, challenge_id)
        tokens = await prove_again(
            context.database,
            context.port(Doorway),
            context.viewer,
            given,
            context.client,
            now=context.clock.now(),
        )
        return StepUpPayload(tokens=AuthTokens.of(tokens))

    @fields.mutation(allow=IsUser(), description="Asks for one of the viewer's passkeys, for stepUp.")
    async def passkey_step_up_start(self, info: Info) -> PasskeyChallengePayload:
        context = info.context
        party = context.port(Doorway).relying_party
        challenge = await start_passkey_step_up(context.session, party, context.viewer, context.clock.now())
        return PasskeyChallengePayload(challenge=PasskeyChallengeType.of(challenge))

    @fields.mutation(allow=IsUser(), description="Ends all of the viewer's sessions.")
    async def logout_everywhere(self, info: Info, keep_current: bool = False) -> SessionsEndedPayload:
        context = info.context
        ended = await log_out_everywhere(
            context.session, context.viewer, keep_current=keep_current, now=context.clock.now()
        )
        return SessionsEndedPayload(ended=ended)

    @fields.mutation(allow=IsUser(), description="Ends one of the viewer's sessions.")
    async def session_revoke(self, info: Info, id: strawberry.ID) -> SessionRevokePayload:
        context = info.context
        ended = await revoke_own_session(context.session, context.viewer, read_id(id), context.clock.now())
        return SessionRevokePayload(revoked_session_id=strawberry.ID(str(ended)))

    @fields.mutation(allow=IsUser(), description="Sets up an authenticator app. Step-up.")
    async def totp_enrol(self, info: Info) -> TotpEnrolPayload:
        context = info.context
        doorway, now = context.port(Doorway), context.clock.now()
        enrolment = await enrol_totp(context.session, doorway, context.viewer, now)
        return TotpEnrolPayload(enrolment=TotpEnrolmentType.of(enrolment))

    @fields.mutation(allow=IsUser(), description="Makes the app count by its first code. Step-up.")
    async def totp_confirm(self, info: Info, code: str) -> RecoveryCodesPayload:
        context = info.context
        doorway, now = context.port(Doorway), context.clock.now()
        codes = await confirm_totp(context.session, doorway, context.viewer, code, now)
        return RecoveryCodesPayload(recovery_codes=codes)

    @fields.mutation(allow=IsUser(), description="Takes the authenticator app away. Step-up.")
    async def totp_remove(self, info: Info) -> DonePayload:
        await remove_totp(info.context.session, info.context.viewer, info.context.clock.now())
        return DonePayload(done=True)

    @fields.mutation(allow=IsUser(), description="Makes new recovery codes; the old ones end. Step-up.")
    async def recovery_codes_renew(self, info: Info) -> RecoveryCodesPayload:
        context = info.context
        storage, now = context.port(Doorway).storage, context.clock.now()
        codes = await renew_recovery_codes(context.session, storage, context.viewer, now)
        return RecoveryCodesPayload(recovery_codes=codes)

    @fields.mutation(allow=IsUser(), description="Asks the browser to make a passkey. Step-up.")
    async def passkey_register_start(self, info: Info) -> PasskeyChallengePayload:
        context = info.context
        party = context.port(Doorway).relying_party
        challenge = await start_registration(context.session, party, context.viewer, context.clock.now())
        return PasskeyChallengePayload(challenge=PasskeyChallengeType.of(challenge))

    @fields.mutation(allow=IsUser(), description="Keeps the passkey the browser has made. Step-up.")
    async def passkey_register(self, info: Info, input: PasskeyRegisterInput) -> PasskeyPayload:
        context = info.context
        answer = PasskeyAnswered(read_id(input.challenge_id) or new_id(), input.passkey)
        row = await register_passkey(
            context.session,
            context.port(Doorway).relying_party,
            context.viewer,
            answer,
            input.name,
            now=context.clock.now(),
        )
        return PasskeyPayload(passkey=Passkey.of(row))

    @fields.mutation(allow=IsUser(), description="Takes a passkey away; other sessions end. Step-up.")
    async def passkey_remove(self, info: Info, id: strawberry.ID) -> DonePayload:
        context = info.context
        await remove_passkey(context.session, context.viewer, read_id(id), context.clock.now())
        return DonePayload(done=True)
