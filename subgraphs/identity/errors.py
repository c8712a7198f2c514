"""What identity refuses, each with its code.

DomainError
├── InvalidCredentials        INVALID_CREDENTIALS     unknown, wrong or disabled: one answer
├── WeakPassword              WEAK_PASSWORD
├── InvalidRefreshToken       INVALID_REFRESH_TOKEN   unknown, expired, revoked or used: one answer
├── NotAMember                NOT_A_MEMBER
├── AlreadyAMember            ALREADY_A_MEMBER
├── LastOwner                 LAST_OWNER              an organization always keeps one
├── BuiltInRole               BUILT_IN_ROLE           owner, admin and staff are not to be edited
└── BeyondOwnPermissions      BEYOND_OWN_PERMISSIONS  nobody grants what they do not hold
"""

# ruff: noqa: N818 - a refusal reads as a sentence (LastOwner), as its code does

from __future__ import annotations

from subgraphs.kit.errors import DomainError


class InvalidCredentials(DomainError):
    """The e-mail and the password do not go together."""

    code = "INVALID_CREDENTIALS"


class WeakPassword(DomainError):
    """The password is too short, too long or too well known."""

    code = "WEAK_PASSWORD"


class InvalidRefreshToken(DomainError):
    """The refresh token opens no session."""

    code = "INVALID_REFRESH_TOKEN"


class NotAMember(DomainError):
    """The user does not belong to the organization."""

    code = "NOT_A_MEMBER"


class AlreadyAMember(DomainError):
    """The user belongs to the organization already."""

    code = "ALREADY_A_MEMBER"


class LastOwner(DomainError):
    """The organization would be left without an owner."""

    code = "LAST_OWNER"


class BuiltInRole(DomainError):
    """The role belongs to the platform."""

    code = "BUILT_IN_ROLE"


class BeyondOwnPermissions(DomainError):
    """The viewer does not hold what they want to give or take."""

    code = "BEYOND_OWN_PERMISSIONS"
