"""What people are told when, as code: the catalogue of workflows, and how one is started.

In: the key of a workflow, a transaction key, who is told, the variables. Out: a notification for each
recipient who has none of this workflow and transaction key yet, with its inbox item and its messages.

`workflow` says what a workflow is, `catalogue` lists them all, `audiences` finds recipients, `start_workflow`
writes everything in the caller's transaction with the same number of statements for one recipient and for
hundreds. It sends nothing: delivery takes what is PENDING.
"""
