"""The Starlette application: the reader's page on TCP, and the socket for commands.

A request over the unix socket has no client address; only such a one may hand in orders, until
the page brings login and CSRF guards.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from storage.orders import add_order, load_order

from .pages import clock, digest, digest_file, digests, status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from monitors.stages import Loaded
    from storage.pen import Pen

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
LARGEST_ORDER = 5 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the page may touch: the home to read, the pen for orders, the process's own state."""

    home: Path
    config: Callable[[], Loaded]
    state: Callable[[], dict[str, Any]]
    pen: Pen


def create_app(desk: Desk) -> Starlette:
    """Build the application for one home."""
    app = Starlette(
        routes=[
            Route("/", status),
            Route("/digests", digests),
            Route("/digests/{number:int}", digest),
            Route("/digests/{number:int}/{form:str}", digest_file),
            Route("/healthz", healthz),
            Route("/orders", place_order, methods=["POST"]),
            Route("/orders/{number:int}", show_order),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(desk), www_redirect=False),
            Middleware(_Headers),
        ],
        exception_handlers={500: _broken},
    )
    app.state.desk = desk
    return app


def healthz(request: Request) -> Response:
    """Say that the process answers, with its own state; no secret, no path."""
    state = request.app.state.desk.state()
    known = {key: state[key] for key in ("started_at", "read", "matched", "sent") if key in state}
    return JSONResponse({"ok": True, "now": clock().isoformat(), **known})


async def place_order(request: Request) -> Response:
    """Take an order of a local command; its id comes back, its row says how it goes on."""
    if not _is_local_command(request):
        return PlainTextResponse("orders are taken through the home's socket only", 403)
    body = await request.body()
    if len(body) > LARGEST_ORDER:
        return PlainTextResponse("the order is too large", 413)
    try:
        order = await request.json()
        kind, payload = str(order["kind"]), dict(order["payload"])
    except (ValueError, KeyError, TypeError):
        return PlainTextResponse("an order is JSON with 'kind' and 'payload'", 400)
    number = await request.app.state.desk.pen(lambda db: add_order(db, kind, payload, clock()))
    return JSONResponse({"id": number})


async def show_order(request: Request) -> Response:
    """Show how an order goes."""
    if not _is_local_command(request):
        return PlainTextResponse("orders are shown through the home's socket only", 403)
    number = request.path_params["number"]
    order = await request.app.state.desk.pen(lambda db: load_order(db, number))
    if order is None:
        return PlainTextResponse("no such order", 404)
    return JSONResponse({"id": order.id, "state": order.state, "result": order.result})


def _is_local_command(request: Request) -> bool:
    return request.client is None and request.scope["server"][1] is None


def _hosts(desk: Desk) -> list[str]:
    """Name the hosts that a browser may have asked for (a foreign name may point at us)."""
    own = desk.config().settings.page.host
    return ["localhost", "127.0.0.1", "[::1]", *([own] if own not in ("0.0.0.0", "::") else [])]


async def _broken(request: Request, error: Exception) -> Response:
    del request, error
    return PlainTextResponse("something broke here; the log says what", 500)


class _Headers:
    """Puts the security headers on every answer; a route's own header of that name stays alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in HEADERS.items()
                        if name.encode() not in own
                    ),
                ]
            await send(message)

        wrapped: Callable[[Message], Awaitable[None]] = send_with_headers
        await self._app(scope, receive, wrapped if scope["type"] == "http" else send)
