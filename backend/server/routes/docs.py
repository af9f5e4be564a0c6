"""The API's page, made out of its own description: no script, nothing from elsewhere, readable offline."""

from __future__ import annotations

import html
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { font-size: 1rem; margin: 2rem 0 .3rem } code, pre { font: 13px/1.45 ui-monospace, monospace }
.verb { display: inline-block; min-width: 4.5rem; font-weight: 700 }
pre { background: #f4f4f2; padding: .8rem; overflow: auto }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #1d1d1f; color: #ddd } pre { background: #2a2a2d } }
"""


@router.get("/docs")
def page(request: Request) -> HTMLResponse:
    """Every route and every document, on one page."""
    description = request.app.openapi()
    routes = "".join(
        _route(verb, path, operation)
        for path, operations in description["paths"].items()
        for verb, operation in operations.items()
    )
    schemas = "".join(
        f'<h2 id="{html.escape(name)}">{html.escape(name)}</h2><pre>{html.escape(json.dumps(schema, indent=2))}</pre>'
        for name, schema in description["components"]["schemas"].items()
    )
    title = f"{description['info']['title']} {description['info']['version']}"
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1><p>{html.escape(description['info']['description'])}</p>"
        f'<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>'
        f"{routes}<h1>Documents</h1>{schemas}</html>",
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "Cache-Control": "no-store",
        },
    )


def _route(verb: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<tr><td><code>{html.escape(item['name'])}</code></td><td>{html.escape(item['in'])}</td>"
        f"<td>{html.escape(json.dumps(item['schema']))}</td></tr>"
        for item in operation.get("parameters", [])
    )
    content = operation.get("requestBody", {}).get("content", {})
    bodies = "".join(f"<p>Body: {html.escape(kind)} {_link(body['schema'])}</p>" for kind, body in content.items())
    answers = "".join(
        f"<p>{code}: {html.escape(kind)} {_link(body.get('schema', {}))}</p>"
        for code, answer in operation["responses"].items()
        for kind, body in answer.get("content", {}).items()
    )
    return (
        f'<h2><span class="verb">{verb.upper()}</span><code>{html.escape(path)}</code></h2>'
        f"<p>{html.escape(operation.get('description', ''))}</p><table>{parameters}</table>{bodies}{answers}"
    )


def _link(schema: dict[str, Any]) -> str:
    """The document a schema refers to, or nothing; a form's document is that of its part `request`."""
    schema = schema.get("properties", {}).get("request", schema)
    name = schema.get("$ref", "").rpartition("/")[2]
    return f'<a href="#{html.escape(name)}">{html.escape(name)}</a>' if name else ""
