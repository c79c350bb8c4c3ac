"""The OpenAPI 3.1 document, made from the declared endpoints."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from aiohttp import web

from hub import wire
from hub.api.layer import Endpoint, NoBody
from hub.api.problems import CONTENT_TYPE

_REF = "#/components/schemas/{name}"


def document(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The whole document as plain JSON values."""
    kinds = {kind for e in endpoints for kind in (e.body, e.answer) if kind not in (NoBody, web.Response)}
    ordered = sorted({*kinds, wire.Problem}, key=lambda kind: kind.__name__)
    shapes, components = msgspec.json.schema_components(ordered, ref_template=_REF)
    schemas = dict(zip(ordered, shapes, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rapport", "version": version, "license": {"name": "GPL-3.0-or-later"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "rapport"}},
        },
    }


def _operation(endpoint: Endpoint, path: str, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    parameters = [_parameter("path", name, "string") for name in re.findall(r"\{(\w+)\}", path)]
    parameters += [_parameter("query", name, "integer") for name in endpoint.query]
    parameters += [_parameter("query", name, "string") | {"required": True} for name in endpoint.texts]
    if endpoint.method == "POST" and endpoint.roles:
        parameters.append(_parameter("header", "Idempotency-Key", "string") | {"required": True})
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary,
        "security": [{"session": []}] if endpoint.roles else [],
        "parameters": parameters,
        "responses": {
            "200": {"description": "Done", "content": _content(endpoint.answer, schemas)},
            "default": {
                "description": "Refused",
                "content": {CONTENT_TYPE: {"schema": schemas[wire.Problem]}},
            },
        },
    }
    if endpoint.body is not NoBody:
        body = {"application/json": {"schema": schemas[endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _parameter(place: str, name: str, kind: str) -> dict[str, Any]:
    return {"in": place, "name": name, "required": place == "path", "schema": {"type": kind}}


def _content(answer: Any, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    if answer is web.Response:
        return {"application/octet-stream": {}}
    return {"application/json": {"schema": schemas[answer]}}
