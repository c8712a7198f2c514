"""Puts a recording around a mutation."""

from __future__ import annotations

from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver

from subgraphs.kit.access import Access
from subgraphs.kit.audit.recording import CURRENT, AuditRecording
from subgraphs.kit.audit.redaction import recordable_arguments
from subgraphs.kit.context import Info


class Audited(FieldExtension):
    """Records the call where the rule says that it takes a privilege, or always.

    A mutation that is carried out leaves one entry; a saga one for each transaction that changes something,
    and at least one. What is refused leaves none: nothing was changed.
    """

    def __init__(self, rule: Access, *, always: bool = False, is_saga: bool = False) -> None:
        self.rule = rule
        self.always = always
        self._is_saga = is_saga

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Returns the resolver's payload."""
        context = info.context
        if not self.always and not self.rule.takes_privilege(context.viewer):
            return await next_(source, info, **kwargs)
        recording = AuditRecording(
            domain=context.database.domain,
            operation=info.field_name,
            viewer=context.viewer,
            clock=context.clock,
            request_id=context.request_id,
            client_address=context.client.address,
            arguments=recordable_arguments(kwargs),
            is_saga=self._is_saga,
        )
        before = CURRENT.set(recording)
        try:
            payload = await next_(source, info, **kwargs)
            if recording.entries_written == 0 and not getattr(payload, "user_errors", None):
                # A saga that had its effect elsewhere.
                recording.is_saga = False
                async with context.database.transaction():
                    pass
            return payload
        finally:
            CURRENT.reset(before)
