"""One request of the console, as its page gets it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from pipeline.api.actions.table import ACTIONS
from pipeline.api.call import Call, Output
from pipeline.api.constraints import check_constraints
from pipeline.api.errors import ApiError
from pipeline.api.service_model import operation
from pipeline.api.translated_errors import as_api_errors
from pipeline.console.access import Access
from pipeline.console.sessions import Session
from pipeline.console.templating import template
from pipeline.engine.engine import Engine

ROOT = "/console"

_MAX_DIGITS = 9
_FORBIDDEN = 403


def address(page: str, /, **query: object) -> str:
    """The address of a page; parameters that are None or empty are left out."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{ROOT}/{page}" + (f"?{urlencode(given)}" if given else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A signed-in person's request for a page.

    Attributes:
        engine: The engine of this process.
        access: The doors of the console.
        session: The person.
        query: The parameters of the address.
        path: The path of the address.
    """

    engine: Engine
    access: Access
    session: Session
    query: Mapping[str, str]
    path: str

    def ask(self, action: str, **members: object) -> Output:
        """What an action of the endpoint answers to this person.

        Args:
            action: AWS's name of the action, one that answers at once.
            members: The members of its input by AWS's names; those that are None are left out.

        Raises:
            ApiError: The action rejects the request.
        """
        given: dict[str, Any] = {k: v for k, v in members.items() if v is not None}
        check_constraints(given, operation(action).input_shape)
        call = Call(
            engine=self.engine,
            account_id=self.session.account_id,
            region=self.session.region,
            input=given,
        )
        with as_api_errors():
            return cast(Output, ACTIONS[action](call))

    def parameter(self, name: str) -> str:
        """A parameter of the address that the page needs.

        Raises:
            ApiError: It is missing.
        """
        value = self.query.get(name)
        if not value:
            raise ApiError("ValidationException", f"The address lacks the parameter '{name}'")
        return value

    def number(self, name: str, default: int = 0) -> int:
        """A whole number among the parameters of the address."""
        text = self.query.get(name, "")
        is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
        return int(text) if is_number else default

    def problem(self, error: ApiError, *, back: str) -> Response:
        """The page that says why something cannot be done.

        Args:
            error: The reason.
            back: The address of the page to return to.
        """
        page = self.page("problem", title=error.code, message=error.message, back=back)
        page.status_code = _FORBIDDEN if error.code == "AccessDeniedException" else error.status
        return page

    def page(self, page_name: str, /, *, title: str, **values: object) -> Response:
        """A page made of a template.

        Args:
            page_name: The template's name without its suffix.
            title: The page's title.
            values: What the template shows.
        """
        return HTMLResponse(
            template(f"{page_name}.html").render(
                title=title,
                address=address,
                session=self.session,
                csrf=self.access.csrf_token(self.session),
                done=self.query.get("done"),
                current=self.path,
                now=self.engine.clock(),
                **values,
            )
        )
