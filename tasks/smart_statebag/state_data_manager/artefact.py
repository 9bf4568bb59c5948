"""The generation whose action table StateDataManager uses; the build of a release writes it."""

from typing import Final, Literal

ARTEFACT: Final[Literal["v2", "v3"]] = "v3"
