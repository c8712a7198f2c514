"""Mutations of one's own account: address, password, leaving."""

# ruff: noqa: A002 - the names of GraphQL arguments

from __future__ import annotations

import strawberry

from subgraphs.identity.schema.account_inputs import PasswordChangeInput, PasswordResetInput
from subgraphs.identity.schema.payloads import (
    AcceptedPayload,
    AccountDeletePayload,
    DonePayload,
    EmailChangeConfirmPayload,
    UserPayload,
)
from subgraphs.identity.schema.types import User
from subgraphs.identity.service.change_email import (
    cancel_email_change,
    confirm_email_change,
    request_email_change,
)
from subgraphs.identity.service.change_password import change_password
from subgraphs.identity.service.close_account import deactivate_account, delete_account
from subgraphs.identity.service.doorway import Doorway
from subgraphs.identity.service.reset_password import request_password_reset, reset_password
from subgraphs.identity.service.verify_email import request_verification, verify_email
from subgraphs.kit import fields
from subgraphs.kit.access import IsUser, Public
from subgraphs.kit.context import Info


@strawberry.type
class AccountMutations:
    @fields.mutation(allow=IsUser(), description="Sends the letter that proves the viewer's address again.")
    async def email_verification_request(self, info: Info) -> AcceptedPayload:
        context = info.context
        assert context.viewer.user_id is not None, "IsUser admits users alone"
        letters, now = context.port(Doorway).letters, context.clock.now()
        await request_verification(context.session, letters, context.viewer.user_id, now)
        return AcceptedPayload(accepted=True)

    @fields.mutation(allow=Public(), description="Proves the address by the letter's link.")
    async def email_verify(self, info: Info, token: str) -> DonePayload:
        await verify_email(info.context.session, token, info.context.clock.now())
        return DonePayload(done=True)

    @fields.mutation(
        allow=Public(), description="Sends a letter to choose a new password; any address is answered alike."
    )
    async def password_reset_request(self, info: Info, email: str) -> AcceptedPayload:
        await request_password_reset(info.context.session, email, info.context.clock.now())
        return AcceptedPayload(accepted=True)

    @fields.saga(
        allow=Public(), description="Chooses a new password by the letter's link; ends all sessions."
    )
    async def password_reset(self, info: Info, input: PasswordResetInput) -> DonePayload:
        context = info.context
        hashing, now = context.port(Doorway).hashing, context.clock.now()
        await reset_password(context.database, hashing, input.token, input.new_password, now)
        return DonePayload(done=True)

    @fields.saga(allow=IsUser(), description="Changes the password; the viewer's other sessions end.")
    async def password_change(self, info: Info, input: PasswordChangeInput) -> DonePayload:
        context = info.context
        await change_password(
            context.database,
            context.port(Doorway),
            context.viewer,
            context.client,
            (input.current_password, input.new_password),
            now=context.clock.now(),
        )
        return DonePayload(done=True)

    @fields.mutation(
        allow=IsUser(), description="Sends letters to both addresses; it changes when both agree. Step-up."
    )
    async def email_change_request(self, info: Info, new_email: str) -> AcceptedPayload:
        context = info.context
        letters, now = context.port(Doorway).letters, context.clock.now()
        await request_email_change(context.session, letters, context.viewer, new_email, now)
        return AcceptedPayload(accepted=True)

    @fields.mutation(allow=Public(), description="Agrees to a change of address by a letter's link.")
    async def email_change_confirm(self, info: Info, token: str) -> EmailChangeConfirmPayload:
        changed = await confirm_email_change(info.context.session, token, info.context.clock.now())
        return EmailChangeConfirmPayload(changed=changed)

    @fields.mutation(allow=IsUser(), description="Gives up a change of address.")
    async def email_change_cancel(self, info: Info) -> DonePayload:
        return DonePayload(done=await cancel_email_change(info.context.session, info.context.viewer))

    @fields.mutation(
        allow=IsUser(), description="Closes the account until a password reset opens it again. Step-up."
    )
    async def account_deactivate(self, info: Info) -> UserPayload:
        context = info.context
        user = await deactivate_account(context.session, context.viewer, context.clock.now())
        return UserPayload(user=User.of(user))

    @fields.mutation(allow=IsUser(), description="Deletes the account for good; its id stays. Step-up.")
    async def account_delete(self, info: Info) -> AccountDeletePayload:
        context = info.context
        deleted = await delete_account(context.session, context.viewer, context.clock.now())
        return AccountDeletePayload(deleted_user_id=strawberry.ID(str(deleted)))
