"""Which action table this artefact carries; the build of the v2 zip writes "v2" here."""

from typing import Final, Literal

ARTEFACT: Final[Literal["v2", "v3"]] = "v3"
