"""The real proxy programs as `with` blocks, the measure of our presets.

    with program("caddy", upstream.url, response_buffers=4096) as caddy:
        record(caddy.url + "/stream")

Settings are those of the preset of that name, so that one set of settings makes both.
"""
