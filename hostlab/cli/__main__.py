"""`python -m hostlab.cli` does what the command `hostlab` does."""

from hostlab.cli.app import main

main()
