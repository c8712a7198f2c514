"""`python -m zellige` is the same as the `zellige` script."""

from zellige.cli import main

main()
