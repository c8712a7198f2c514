"""One file per command: its options, its help with examples, and the call that does the work.

In: the command line. Out: a result on standard output, what is to be said about it on standard error, and
an exit code. What a command does stands in `zellige.assembly`, `zellige.dev` and `zellige.demo`.
"""
