"""From a graph to the order in which its nodes run: groups, regions of routers, links."""

from tasks.smart_statebag.workflow.layout.program import (
    BranchProgram,
    GroupStep,
    Program,
    Step,
    program_of,
)

__all__ = ["BranchProgram", "GroupStep", "Program", "Step", "program_of"]
