"""ExecuteSegment, under three names: ExecuteSegment, SegmentRunner, ExecuteBranch (Contract 5).

It raises for faults of the infrastructure and returns ``FAILED`` for faults of the workflow.
"""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.segments.aggregator import aggregate
from tasks.smart_statebag.segments.loading import Loader
from tasks.smart_statebag.segments.request import SegmentRequest, Site
from tasks.smart_statebag.segments.response import Answer, respond
from tasks.smart_statebag.segments.single import SingleSegment
from tasks.smart_statebag.segments.tools import LambdaContext, SegmentTools
from tasks.smart_statebag.segments.whole_branch import WholeBranch


def lambda_handler(event: Json, context: LambdaContext | None = None) -> JsonObject:
    """Run a segment, a whole branch or an aggregation, as the event asks."""
    return execute_segment(event, context)


def execute_segment(
    event: Json, context: LambdaContext | None = None, tools: SegmentTools | None = None
) -> JsonObject:
    """As the handler, with the tools to use.

    Returns:
        All keys of Contract 5.3.

    Raises:
        StateBagError: The infrastructure failed, or the event breaks its contract.
    """
    tools = tools or SegmentTools()
    began = tools.clock.monotonic()
    request = SegmentRequest.of(event)
    access = tools.access(request.fields, cached=request.cached)
    answer = _answer(request, access, tools, context)
    return respond(request, answer, access, seconds=tools.clock.monotonic() - began)


def _answer(
    request: SegmentRequest, access: BagAccess, tools: SegmentTools, context: LambdaContext | None
) -> Answer:
    match request.site:
        case Site.WHOLE_BRANCH:
            return WholeBranch.of(request, access, tools, context).run()
        case Site.AGGREGATOR:
            return aggregate(request, Loader(request=request, access=access), access)
        case Site.MAIN_LOOP | Site.BRANCH | Site.ITEM | Site.CHUNK:
            loader = Loader(request=request, access=access)
            return SingleSegment(request=request, loader=loader, access=access, tools=tools).run()
