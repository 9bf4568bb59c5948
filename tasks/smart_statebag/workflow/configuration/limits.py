"""Limits of a configuration (Contract 6.3); the environment may set the first two."""

import os
from dataclasses import dataclass

MAX_EDGES = 1000
MAX_ID_LENGTH = 128
MAX_SUBGRAPH_DEPTH = 10
MAX_BRANCHES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``MAX_NODES_LIMIT`` and ``MAX_PARTITION_DEPTH``."""

    max_nodes: int = 500
    max_depth: int = 50

    @classmethod
    def from_environment(cls) -> "Limits":
        """The limits the process is configured with."""
        return cls(
            max_nodes=int(os.environ.get("MAX_NODES_LIMIT") or 500),
            max_depth=int(os.environ.get("MAX_PARTITION_DEPTH") or 50),
        )
