"""Identity's use-cases, one per file.

`log_in` and `register_user` hash passwords, which takes a quarter of a second: they do it between short
transactions, never inside one. All others run in the transaction of their mutation.
"""
