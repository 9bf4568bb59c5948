"""A frame as its row in the ledger holds it."""

from pipeline.interpreter.frame import Frame
from pipeline.interpreter.frame_codec import decode_frame
from pipeline.ledger.rows import FrameRow, MissingRow
from pipeline.payloads.offload import Payloads


def stored_frame(row: FrameRow, payloads: Payloads) -> Frame:
    """The frame of a row that has made its first transition.

    Raises:
        MissingRow: It has made none, and has no body yet.
        ObjectStoreError: A value of it could not be read.
    """
    if row.body is None:
        raise MissingRow(f"body of frame {row.id}")
    frame = decode_frame(row.body, row.phase, payloads.unpack)
    return frame if row.heard_at is None else frame.heard(row.heard_at)
