"""The id of a fan-out as messages and rows spell it."""

import pytest

from pipeline.ledger.fan_out_id import FanOutId


@pytest.mark.parametrize("frame_id", ["f", "7d9f0c1e-3b52-4b8e-9a31-5d8c2f6e1a04", "a-1"])
def test_an_id_survives_its_spelling(frame_id: str) -> None:
    assert FanOutId.parse(str(FanOutId(frame_id, 12))) == FanOutId(frame_id, 12)


def test_a_text_without_a_version_is_no_id() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        FanOutId.parse("frame")
