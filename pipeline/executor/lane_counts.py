"""The number of lanes of a Map: how many of its iterations run at a time."""


def lanes_at_a_time(max_concurrency: int, limit: int) -> int:
    """How many lanes a Map may have.

    Args:
        max_concurrency: MaxConcurrency of the state or the map run; 0 sets no limit.
        limit: The setting ``lane_limit``.
    """
    return min(max_concurrency or limit, limit)
