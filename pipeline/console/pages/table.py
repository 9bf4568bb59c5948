"""Every page by its address below the console."""

from collections.abc import Callable, Mapping

from starlette.responses import Response

from pipeline.console.pages.bag import bag
from pipeline.console.pages.events import events
from pipeline.console.pages.execution import execution
from pipeline.console.pages.executions import executions
from pipeline.console.pages.machine import difference, machine, machines
from pipeline.console.pages.map_run import map_run
from pipeline.console.pages.payloads import payload, pointer
from pipeline.console.pages.timeline import timeline
from pipeline.console.pages.workers import workers
from pipeline.console.view import View

PAGES: Mapping[str, Callable[[View], Response]] = {
    "machines": machines,
    "machine": machine,
    "difference": difference,
    "executions": executions,
    "execution": execution,
    "timeline": timeline,
    "events": events,
    "map-run": map_run,
    "bag": bag,
    "payload": payload,
    "pointer": pointer,
    "workers": workers,
}
