"""ARNs taken apart."""

import pytest

from pipeline.integrations.arns import Arn


def test_the_resource_keeps_its_colons() -> None:
    arn = Arn.parse("arn:aws:lambda:eu-west-1:123456789012:function:resize:live")
    assert (arn.service, arn.region, arn.account_id) == ("lambda", "eu-west-1", "123456789012")
    assert arn.resource == "function:resize:live"
    assert arn.resource_name == "resize:live"


def test_what_is_no_arn_is_rejected() -> None:
    with pytest.raises(ValueError, match="must be of the format"):
        Arn.parse("resize")
