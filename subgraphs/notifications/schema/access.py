"""What one may do with the notifications of an organization."""

from __future__ import annotations

READ_NOTIFICATIONS = "notifications:read"
"""To see what became of messages, the templates and the suppressed addresses."""
SEND_NOTIFICATIONS = "notifications:send"
MANAGE_NOTIFICATIONS = "notifications:manage"
"""To write and publish templates, and to take addresses off the list."""
