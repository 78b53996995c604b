"""Presets: what real programs do to a stream, as measured.

    Proxy(upstream.url, nginx(version="1.22", proxy_buffering="off"))

A preset stands where a fault stands. Its settings have the program's own names and take Python
values or the program's spelling (`"on"`, `"16k"`, `"2s"`). How true they are is measured, too:
`python -m tests.fidelity` compares each with recordings of the program itself.

`alb`, `api_gateway`, `cloud_run`, `cloudflare` and `heroku` are the documented time limits of
those services, not measured ones.

>>> nginx(proxy_buffering="off", proxy_buffer_size="8k")
nginx(proxy_buffering=False, proxy_buffer_size=8192)
"""

from __future__ import annotations

from ._apache import Apache, apache
from ._caddy import Caddy, caddy
from ._envoy import Envoy, envoy
from ._haproxy import Haproxy, haproxy
from ._nginx import Nginx, nginx
from ._squid import Squid, squid
from ._traefik import Traefik, traefik
from ._varnish import Varnish, varnish
from .cloud import alb, api_gateway, cloud_run, cloudflare, heroku
from .plan import Preset

__all__ = [
    "PRESETS",
    "Preset",
    "alb",
    "apache",
    "api_gateway",
    "caddy",
    "cloud_run",
    "cloudflare",
    "envoy",
    "haproxy",
    "heroku",
    "nginx",
    "squid",
    "traefik",
    "varnish",
]

PRESETS: tuple[type[Preset], ...] = (
    Nginx,
    Haproxy,
    Caddy,
    Traefik,
    Envoy,
    Apache,
    Varnish,
    Squid,
)
"""The programs that were measured."""
