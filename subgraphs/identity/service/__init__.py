"""Identity's use-cases, one per file.

What hashes passwords, which takes a quarter of a second (`log_in`, `register_user`, `reset_password`,
`change_password`, `prove_again`), does so between short transactions, never inside one. All others run in the
transaction of their mutation. What must be committed although it is refused, a wrong answer counted, is
committed first and refused then.
"""
