"""The frames of the children of a fan-out, and the inputs of a distributed Map's batches; pure."""

from collections.abc import Iterable, Iterator

from pipeline.interpreter.frame import Frame, FrameKind, MapItem
from pipeline.interpreter.item import STATE_DATA, Item
from pipeline.interpreter.visits import item_context, open_visit
from pipeline.language.context_object import ExecutionContext
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json
from pipeline.language.map_run_plan import Batching
from pipeline.language.outcomes import FanOut, FanOutKind
from pipeline.language.state_machine import StateMachine
from pipeline.language.states.item_batcher import batches
from pipeline.language.states.map import Map, ProcessorMode, iteration_input
from pipeline.language.states.parallel import Parallel
from pipeline.language.visit import Visit


class HasNoChildren(Exception):
    """The frame is not at a Parallel or Map state."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __str__(self) -> str:
        return f"The state '{self.frame.state}' has no children"


def item_at(fan_out: FanOut, position: int) -> Item:
    """The item of one child of a fan-out whose state holds the items itself."""
    if fan_out.items is None:
        return Item(value=fan_out.input)
    return Item(
        value=fan_out.items[position],
        key=None if fan_out.keys is None else fan_out.keys[position],
        source=STATE_DATA if fan_out.kind is FanOutKind.DISTRIBUTED_MAP else None,
    )


def child_frame(  # noqa: PLR0917 - the arguments of interpret, and the child
    machine: StateMachine,
    parent: Frame,
    position: int,
    given: Item,
    execution: ExecutionContext,
    sources: Sources,
) -> Frame:
    """The frame of one branch or iteration of the Parallel or Map state at which ``parent`` waits.

    Args:
        machine: The definition.
        parent: A frame in phase JOINING.
        position: Number of the branch, item or batch, from 0.
        given: The item of a Map state, the whole input of a batch, or the effective input of a
            Parallel state.
        execution: For the context object.
        sources: The time and randomness.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated for the item; the state fails with it.
        HasNoChildren: ``parent`` is not at a Parallel or Map state.
    """
    state = machine.scopes[parent.scope].states[parent.state]
    if isinstance(state, Parallel):
        return _branch(state, parent, position, given)
    if not isinstance(state, Map):
        raise HasNoChildren(parent)
    if state.item_batcher is not None:
        return _iteration(state, parent, None, given.value)
    item = _map_item(position, given)
    visit = open_visit(parent, execution, sources)
    return _iteration(state, parent, item, _iteration_input(state, item, visit))


def _branch(state: Parallel, parent: Frame, position: int, given: Item) -> Frame:
    branch = state.branches[position]
    return Frame(
        kind=FrameKind.BRANCH,
        scope=branch.scope,
        state=branch.start_at,
        input=given.value,
        map_item=parent.map_item,
        variables=parent.variables,
        redrive=parent.redrive,
        recorded=parent.recorded,
    )


def _iteration(state: Map, parent: Frame, item: MapItem | None, child_input: Json) -> Frame:
    distributed = state.mode is ProcessorMode.DISTRIBUTED
    return Frame(
        kind=FrameKind.CHILD_EXECUTION if distributed else FrameKind.ITERATION,
        scope=state.processor.scope,
        state=state.processor.start_at,
        input=child_input,
        map_item=item,
        variables={} if distributed else parent.variables,
        redrive=parent.redrive,
        recorded=0 if distributed else parent.recorded,
    )


def batches_of(  # noqa: PLR0917 - the arguments of child_frame, for all items
    machine: StateMachine,
    parent: Frame,
    items: Iterable[Item],
    plan: Batching,
    execution: ExecutionContext,
    sources: Sources,
) -> Iterator[list[Json]]:
    """The items of a distributed Map in batches, each item as ItemSelector returns it.

    Raises:
        ExecutionError: ItemSelector cannot be evaluated for an item, or an item is too large for a
            batch.
        HasNoChildren: ``parent`` is not at a Map state.
    """
    state = machine.scopes[parent.scope].states[parent.state]
    if not isinstance(state, Map):
        raise HasNoChildren(parent)
    visit = open_visit(parent, execution, sources)
    selected = (
        _iteration_input(state, _map_item(position, item), visit)
        for position, item in enumerate(items)
    )
    return batches(selected, plan)


def _map_item(position: int, given: Item) -> MapItem:
    return MapItem(index=position, value=given.value, key=given.key, source=given.source)


def _iteration_input(state: Map, item: MapItem, visit: Visit) -> Json:
    """The input of an iteration. Without ItemSelector, a pair of an object becomes an object."""
    visit.show_item(item_context(item))
    pair: Json = {"Key": item.key, "Value": item.value}
    return iteration_input(state, item.value if item.key is None else pair, visit)
