"""Notifications: who is told what, over which channel, and what became of it.

In: events of the other domains (`consumers`) and requests of staff. Out: an inbox per user with an exact
count of what is unread, and messages over e-mail, SMS and push, each moved along a state machine that is
data (`states`).

Steps: an event or a request starts a workflow (`service.workflows`); each recipient gets one notification
with an id made of workflow, transaction key and recipient, so that a repetition changes nothing; in the same
transaction its inbox item and its PENDING messages are written. Delivery claims what is due, sends outside of
any transaction and records the outcome.

Nothing here sends anything inside a transaction, and no row of one user or organization is shown to another.
"""
