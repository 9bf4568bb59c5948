"""Signing in, by a one-time link or an access key, and signing out."""

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.console.access import Access
from pipeline.console.audit import audit
from pipeline.console.forms import read_form
from pipeline.console.responses import secured
from pipeline.console.sessions import LIFETIME_SECONDS, Session
from pipeline.console.templating import template
from pipeline.console.view import ROOT, address

COOKIE = "statebag_console"

_SEE_OTHER = 303
_FORBIDDEN = 403
_FAILURE_SECONDS = 0.5
"""An answer to a wrong key comes late, so that guessing is slow."""


def routes(access: Access) -> list[Route]:
    """The routes of signing in and out."""

    async def show(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is None:
            return _form(request)
        session = access.enter_with_token(token)
        if session is None:
            return _form(request, "This link has been used, or another start has replaced it.")
        return _entered(request, access, session)

    async def enter(request: Request) -> Response:
        form = await read_form(request)
        key_id, secret = form.get("key", ""), form.get("secret", "")
        session = access.enter_with_key(key_id.strip(), secret.strip())
        if session is None:
            await asyncio.sleep(_FAILURE_SECONDS)
            return _form(request, "This access key and secret do not match.")
        return _entered(request, access, session)

    async def leave(request: Request) -> Response:
        response = RedirectResponse(address("sign-in"), status_code=_SEE_OTHER)
        response.delete_cookie(COOKIE, path=ROOT)
        return secured(response)

    return [
        Route("/sign-in", show, methods=["GET"]),
        Route("/sign-in", enter, methods=["POST"]),
        Route("/sign-out", leave, methods=["POST"]),
    ]


def redirect_to_sign_in(request: Request) -> Response:
    """The answer to a page's request without a session; the person comes back to the page."""
    query = f"?{request.url.query}" if request.url.query else ""
    place = f"{request.url.path}{query}".removeprefix(f"{ROOT}/")
    return secured(RedirectResponse(address("sign-in", to=place), status_code=_SEE_OTHER))


def _form(request: Request, problem: str = "") -> Response:
    page = template("sign_in.html").render(
        title="Sign in", problem=problem, address=address, to=request.query_params.get("to", "")
    )
    return secured(HTMLResponse(page, status_code=_FORBIDDEN if problem else 200))


def _entered(request: Request, access: Access, session: Session) -> Response:
    audit(session, "SignIn", {})
    # Only a place below the console: the parameter may come from anywhere.
    place = request.query_params.get("to", "").lstrip("/\\") or "machines"
    response = RedirectResponse(f"{ROOT}/{place}", status_code=_SEE_OTHER)
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(
        COOKIE,
        access.cookie_of(session),
        max_age=LIFETIME_SECONDS,
        path=ROOT,
        httponly=True,
        samesite="lax",
        secure=forwarded == "https",
    )
    return secured(response)
