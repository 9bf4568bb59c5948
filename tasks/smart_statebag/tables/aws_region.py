"""The region of AWS clients."""

import os

from tasks.smart_statebag.bag.s3_store import REGION_VARIABLES

DEFAULT_REGION = "us-east-1"


def region() -> str:
    """The region the environment names; compatible servers on premises need none of it."""
    named = (os.environ.get(name) for name in REGION_VARIABLES)
    return next((name for name in named if name), DEFAULT_REGION)
