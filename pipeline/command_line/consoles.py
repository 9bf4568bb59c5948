"""Where commands print: results to standard output, everything about them to standard error."""

import sys

from rich.console import Console

WIDTH_OF_A_PIPE = 200
"""Columns for tables that no terminal limits: a name must not be broken."""


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr,
        width=None if stream.isatty() else WIDTH_OF_A_PIPE,
        # Print user data verbatim: no markup in brackets, no colours for numbers.
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
    )


results = _console(stderr=False)
messages = _console(stderr=True)
