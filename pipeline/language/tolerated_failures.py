"""Failed items that do not fail their Map state (specification: "Map State")."""

THRESHOLD_CAUSE = "The specified tolerated failure threshold was exceeded"


def exceeds_tolerance(failed: int, items: int, *, count: int, percentage: float) -> bool:
    """Whether more items have failed than the state tolerates.

    A threshold of zero tolerates nothing. With both thresholds, exceeding either is too much.

    Args:
        failed: How many items have failed.
        items: How many items there are.
        count: ToleratedFailureCount.
        percentage: ToleratedFailurePercentage.
    """
    if failed == 0:
        return False
    if not count and not percentage:
        return True
    exceeds_percentage = bool(percentage) and failed * 100 > percentage * items
    return exceeds_percentage or (bool(count) and failed > count)
