"""What people do in the console: actions of the endpoint, each with a line in the audit log."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.api.errors import ApiError
from pipeline.console.access import Access
from pipeline.console.audit import audit
from pipeline.console.forms import read_form
from pipeline.console.responses import secured
from pipeline.console.sign_in import COOKIE, redirect_to_sign_in
from pipeline.console.view import ROOT, View, address
from pipeline.engine.engine import Engine

_SEE_OTHER = 303
_WHOLE = 100

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action behind a button.

    Attributes:
        name: AWS's name of it.
        members: Makes its input of the form.
        done: What the page says afterwards.
    """

    name: str
    members: Callable[[Form], dict[str, Any]]
    done: str


def _stop(form: Form) -> dict[str, Any]:
    return {
        "executionArn": form.get("arn"),
        "error": form.get("error") or None,
        "cause": form.get("cause") or None,
    }


def _reject(form: Form) -> dict[str, Any]:
    return {
        "taskToken": form.get("token"),
        "error": form.get("error") or None,
        "cause": form.get("cause") or None,
    }


def _start(form: Form) -> dict[str, Any]:
    return {
        "stateMachineArn": form.get("machine"),
        "name": form.get("name") or None,
        "input": form.get("input") or "{}",
    }


def _route(form: Form) -> dict[str, Any]:
    """Two versions of an alias: the second gets the weight, the first the rest."""
    weight = form.get("weight", "0")
    share = int(weight) if weight.isascii() and weight.isdigit() else 0
    routes = [(form.get("version"), _WHOLE - share), (form.get("canary"), share)]
    return {
        "stateMachineAliasArn": form.get("alias"),
        "routingConfiguration": [
            {"stateMachineVersionArn": version, "weight": part} for version, part in routes if part
        ],
    }


ACTIONS: Mapping[str, Action] = {
    "stop": Action(name="StopExecution", members=_stop, done="The execution has been stopped."),
    "redrive": Action(
        name="RedriveExecution",
        members=lambda form: {"executionArn": form.get("arn")},
        done="The execution continues at the state that failed.",
    ),
    "approve": Action(
        name="SendTaskSuccess",
        members=lambda form: {"taskToken": form.get("token"), "output": form.get("output")},
        done="The task has its result.",
    ),
    "reject": Action(name="SendTaskFailure", members=_reject, done="The task has failed."),
    "start": Action(name="StartExecution", members=_start, done="The execution has started."),
    "route": Action(
        name="UpdateStateMachineAlias", members=_route, done="The alias has its new weights."
    ),
}
"""Every action by the last part of its address."""


def routes(engine: Engine, access: Access) -> list[Route]:
    """The routes of the actions."""

    async def act(request: Request) -> Response:
        session = access.session_of(request.cookies.get(COOKIE))
        if session is None:
            return redirect_to_sign_in(request)
        form = await read_form(request)
        view = View(engine=engine, access=access, session=session, query=form, path="")
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return _problem(view, ApiError("UnknownAction", "The console has no such action."))
        if not access.is_from_own_form(session, form.get("csrf", "")):
            return _problem(view, _denied("The form is out of date. Load its page again."))
        if not session.may_act:
            audit(session, action.name, action.members(form), "AccessDenied")
            return _problem(view, _denied("Your access key is read-only."))
        return secured(await asyncio.to_thread(_done, view, action, form))

    return [Route("/actions/{action}", act, methods=["POST"])]


def _done(view: View, action: Action, form: Form) -> Response:
    members = action.members(form)
    try:
        output = view.ask(action.name, **members)
    except ApiError as error:
        audit(view.session, action.name, members, error.code)
        return _problem(view, error)
    audit(view.session, action.name, members)
    back = _back(form)
    if action.name == "StartExecution":
        arn = output["executionArn"]
        back = address("execution", arn=arn) if ":execution:" in arn else back
    separator = "&" if urlsplit(back).query else "?"
    place = f"{back}{separator}{urlencode({'done': action.done})}"
    return RedirectResponse(place, status_code=_SEE_OTHER)


def _back(form: Form) -> str:
    """The page that the form was on; a form names no other site."""
    place = form.get("back", "")
    return place if place.startswith(f"{ROOT}/") else address("machines")


def _denied(message: str) -> ApiError:
    return ApiError("AccessDeniedException", message)


def _problem(view: View, error: ApiError) -> Response:
    return secured(view.problem(error, back=_back(view.query)))
