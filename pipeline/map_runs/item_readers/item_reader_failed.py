"""The error of an ItemReader."""

from pipeline.language.errors import ITEM_READER_FAILED, ExecutionError


def item_reader_failed(cause: str) -> ExecutionError:
    """States.ItemReaderFailed with its cause."""
    return ExecutionError(ITEM_READER_FAILED, cause)
