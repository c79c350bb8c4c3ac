"""Errors on the wire: RFC 9457 problem+json, one shape for every failure under /api."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec
from aiohttp import web

from hub import wire

CONTENT_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Raised anywhere in an endpoint; becomes the answer. `detail` is for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[wire.FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or code)
        self.problem = wire.Problem(
            title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, errors=list(errors)
        )
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        return web.Response(
            status=self.problem.status,
            body=msgspec.json.encode(self.problem),
            content_type=CONTENT_TYPE,
            headers=self.headers,
        )


def not_found(what: str) -> ProblemError:
    return ProblemError(404, "not_found", f"There is no such {what}.")


def forbidden(detail: str) -> ProblemError:
    return ProblemError(403, "forbidden", detail)
