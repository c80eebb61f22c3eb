"""The public check of a paper as a page, for whoever scans its code with a phone."""

from typing import Any

from flask import Response, render_template_string

from app.filings.declaration import Signed
from app.kit import clock

_PAGE = """<!doctype html>
<html lang="{{ language }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body{font:1.125rem/1.6 sans-serif;margin:0 auto;max-width:34rem;padding:1rem;color:#1a1a1a;background:#fff}
.state{border-radius:.5rem;padding:1rem;font-weight:bold}.good{background:#e3f4e8;color:#0b5a25}
.bad{background:#fde7e7;color:#8c1010}.old{background:#fff4d6;color:#6b4a00}
dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1rem}dt{color:#595959}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
</style></head>
<body><h1>{{ title }}</h1>
<p class="state {{ 'good' if genuine else 'bad' }}">{{ detail }}</p>
{% if superseded %}<p class="state old">{{ words.superseded }}</p>{% endif %}
<dl><dt>{{ words.office }}</dt><dd>{{ office }}</dd><dt>{{ words.now }}</dt><dd>{{ current_status_text }}</dd>
{% for line in gives_now %}<dt>{{ words.today }}{{ line.label }}</dt><dd>{{ line.value }}</dd>{% endfor %}</dl>
<h2>{{ words.paper }}</h2>
<dl>{% for line in lines %}<dt>{{ line.label }}</dt><dd>{{ line.value }}</dd>{% endfor %}</dl>
{% for section in sections %}<h3>{{ section.heading }}</h3>
<dl>{% for line in section.lines %}<dt>{{ line.label }}</dt><dd>{{ line.value }}</dd>{% endfor %}</dl>{% endfor %}
{% if signatures %}<h2>{{ words.signatures }}</h2>
<ul>{% for one in signatures %}<li>{{ one.signer }}，{{ one.about }}{% if one.at %}，{{ one.at }}{% endif %}：
<b class="{{ 'good' if one.valid else 'bad' }}">{{ words.valid if one.valid else words.invalid }}</b></li>{% endfor %}</ul>{% endif %}
</body></html>
"""
_WORDS = {
    "zh-CN": {
        "office": "出具单位",
        "now": "现在的状态",
        "today": "今天：",
        "paper": "单据上的内容",
        "signatures": "电子签名",
        "valid": "有效",
        "invalid": "无效",
        "superseded": "这份单据出具后，业务又有了新进展，以“现在的状态”为准。",
    },
    "en": {
        "office": "Issued by",
        "now": "State now",
        "today": "Today: ",
        "paper": "What the paper says",
        "signatures": "Electronic signatures",
        "valid": "valid",
        "invalid": "not valid",
        "superseded": "The case has moved on since this paper was issued; the state now is what counts.",
    },
}


def _with_words(signed: Signed) -> dict[str, Any]:
    at = "" if signed.at is None else f"{signed.at.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"
    return {"signer": signed.signer, "about": signed.about, "valid": signed.valid, "at": at}


def verify_page(found: dict[str, Any], language: str) -> Response:
    """The answer of the check as HTML, without scripts."""
    signatures = [_with_words(one) for one in found["signatures"]]
    html = render_template_string(
        _PAGE, language=language, words=_WORDS[language], **{**found, "signatures": signatures}
    )
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response
