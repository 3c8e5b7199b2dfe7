"""`python -m refarch_lint`, the same as the command `refarch-lint`."""

from refarch_lint.cli import main

main()
