"""The audit trail: who changed what through a privileged mutation, in a chain nobody can rewrite unseen.

`fields` puts `extension` around every mutation that a permission admits to. It opens a `recording`, and each
transaction of the mutation then (`kit.database`) tells PostgreSQL which entry it belongs to. Triggers
(`ddl`) note every row that changes before and after; just before the commit the `recording` collects them,
takes the next place in the chain of the organization and writes the `entry` with the hash of the one before.
The relay's `announcing` sends entries on as `audit.recorded`; `verification` walks the chains.

An entry can be added, never changed: the table refuses it. Secrets are blanked before they get here.
"""
