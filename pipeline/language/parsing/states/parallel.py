"""Parses the Parallel state (specification: "Parallel State")."""

from collections.abc import Callable

from pipeline.language.parsing.data_flow import RESULT_FIELDS, read_data_flow
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.shared_fields import (
    read_error_handling,
    read_state_fields,
    read_transition,
)
from pipeline.language.state_machine import SubStateMachine
from pipeline.language.states.parallel import Parallel


def parse_parallel(
    reader: ObjectReader, name: str, parse_scope: Callable[[ObjectReader], SubStateMachine]
) -> Parallel:
    """Parse a Parallel state."""
    if reader.require("Branches") and reader.value("Branches") == []:
        reader.problem("'Branches' must hold at least one branch", "Branches")
    branches = []
    for branch in reader.objects("Branches"):
        branch.text("Comment")
        branches.append(parse_scope(branch))
        branch.reject_unknown_fields("a branch")
    return Parallel(
        **read_state_fields(reader, name),
        **read_error_handling(reader),
        **read_transition(reader),
        flow=read_data_flow(reader, *RESULT_FIELDS),
        branches=tuple(branches),
    )
