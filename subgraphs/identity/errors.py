"""What identity refuses, each with its code.

DomainError
├── InvalidCredentials        INVALID_CREDENTIALS     unknown, wrong or disabled: one answer
├── WeakPassword              WEAK_PASSWORD
├── InvalidRefreshToken       INVALID_REFRESH_TOKEN   unknown, expired, revoked or used: one answer
├── NotAMember                NOT_A_MEMBER
├── AlreadyAMember            ALREADY_A_MEMBER
├── LastOwner                 LAST_OWNER              an organization always keeps one
├── BuiltInRole               BUILT_IN_ROLE           owner, admin and staff are not to be edited
├── BeyondOwnPermissions      BEYOND_OWN_PERMISSIONS  nobody grants what they do not hold
├── TooManyAttempts           TOO_MANY_ATTEMPTS       wrong guesses, for this account or from this address
├── InvalidLink               INVALID_LINK            unknown, used, expired or overtaken: one answer
├── EmailTaken                EMAIL_TAKEN             told to none but the address's owner
├── StepUpRequired            STEP_UP_REQUIRED        prove again who you are, then do this
├── SecondFactorRequired      SECOND_FACTOR_REQUIRED  the organization asks for one
├── SecondFactorMissing       SECOND_FACTOR_MISSING   there is none to speak of
├── InvalidSecondFactor       INVALID_SECOND_FACTOR   wrong, used or not this person's: one answer
├── LoginChallengeOver        LOGIN_CHALLENGE_OVER    too late, or too many wrong answers: log in anew
└── KeyLimit                  KEY_LIMIT               two live keys for a service account, no more
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


class TooManyAttempts(DomainError):
    """Too many wrong guesses; the next is not even looked at."""

    code = "TOO_MANY_ATTEMPTS"


class InvalidLink(DomainError):
    """The link's token is good for nothing any more."""

    code = "INVALID_LINK"


class EmailTaken(DomainError):
    """The address belongs to another account."""

    code = "EMAIL_TAKEN"


class StepUpRequired(DomainError):
    """The session's proof of who is there is too old for what is asked."""

    code = "STEP_UP_REQUIRED"


class SecondFactorRequired(DomainError):
    """The organization admits nobody without a second factor."""

    code = "SECOND_FACTOR_REQUIRED"


class SecondFactorMissing(DomainError):
    """The user has no such second factor."""

    code = "SECOND_FACTOR_MISSING"


class InvalidSecondFactor(DomainError):
    """What was shown as a second factor is none."""

    code = "INVALID_SECOND_FACTOR"


class LoginChallengeOver(DomainError):
    """The log-in that waited for a second factor has ended."""

    code = "LOGIN_CHALLENGE_OVER"


class KeyLimit(DomainError):
    """The service account has two live keys already."""

    code = "KEY_LIMIT"
