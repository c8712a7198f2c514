"""What notifications refuse, each with its code.

DomainError
├── CriticalTopic          CRITICAL_TOPIC            nobody can switch a critical topic off
├── UnknownWorkflow        UNKNOWN_WORKFLOW          or one that only events start
├── InvalidPayload         INVALID_PAYLOAD           a variable is missing, unknown or of another kind
├── RecipientNotReachable  RECIPIENT_NOT_REACHABLE   neither a member nor a customer of the organization
├── NotScheduled           NOT_SCHEDULED             nothing of it waits any more
└── InvalidTemplate        INVALID_TEMPLATE          it cannot be rendered with what it declares
"""

# ruff: noqa: N818 - a refusal reads as a sentence (CriticalTopic), as its code does

from __future__ import annotations

from subgraphs.kit.errors import DomainError


class CriticalTopic(DomainError):
    """Nobody can switch a critical topic off."""

    code = "CRITICAL_TOPIC"


class UnknownWorkflow(DomainError):
    """There is no such workflow, or only events start it."""

    code = "UNKNOWN_WORKFLOW"


class InvalidPayload(DomainError):
    """The variables are not those the workflow declares."""

    code = "INVALID_PAYLOAD"


class RecipientNotReachable(DomainError):
    """The organization has nothing to do with this user."""

    code = "RECIPIENT_NOT_REACHABLE"


class NotScheduled(DomainError):
    """Nothing of the notification waits any more."""

    code = "NOT_SCHEDULED"


class InvalidTemplate(DomainError):
    """The template cannot be rendered with what it declares."""

    code = "INVALID_TEMPLATE"
