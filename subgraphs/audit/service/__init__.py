"""The one use-case of the audit domain: keeping what the others recorded."""
