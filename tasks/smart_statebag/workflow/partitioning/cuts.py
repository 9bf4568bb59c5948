"""Where one segment ends and the next begins (Contract 6.3.7)."""

from tasks.smart_statebag.workflow.configuration.vocabulary import LLM_CHAT
from tasks.smart_statebag.workflow.layout import GroupStep, Program, Step


def cut(program: Program) -> list[tuple[int, ...]]:
    """The steps of a program in runs: each a segment, or a group alone."""
    starts = _starts(program)
    runs: list[list[int]] = []
    for index in range(len(program.steps)):
        if index in starts:
            runs.append([])
        runs[-1].append(index)
    return [tuple(run) for run in runs]


def _starts(program: Program) -> set[int]:
    """Steps that begin a segment."""
    fan_outs = {
        step.content.fan_out for step in program.steps if isinstance(step.content, GroupStep)
    }
    starts = {0} | _jump_targets(program)
    for index, step in enumerate(program.steps):
        if step.starts_component or _begins(program, step):
            starts.add(index)
        if _closes(step, fan_outs) or step.following != index + 1:
            starts.add(index + 1)
    return starts


def _jump_targets(program: Program) -> set[int]:
    """Steps that a step other than the previous one leads to."""
    targets = {
        step.following for index, step in enumerate(program.steps) if step.following != index + 1
    }
    targets |= {target for step in program.steps for _, target in step.conditions}
    return {target for target in targets if target is not None}


def _begins(program: Program, step: Step) -> bool:
    if isinstance(step.content, GroupStep):
        return True
    node, graph = str(step.content["id"]), program.graph
    return (
        step.content["type"] == LLM_CHAT
        or node in graph.hitp_nodes
        or len(graph.entering[node]) > 1
        or any(edge.condition is not None for edge in graph.entering[node])
    )


def _closes(step: Step, fan_outs: set[str | None]) -> bool:
    if isinstance(step.content, GroupStep):
        return True
    is_fan_out = step.content["id"] in fan_outs
    return step.content["type"] == LLM_CHAT or bool(step.conditions) or is_fan_out
