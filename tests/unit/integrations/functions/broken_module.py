"""A module that cannot be imported since what it needs is missing."""

import there_is_no_such_module  # noqa: F401 (that is the point)
