"""The inside of `labsupport.proxy`: HTTP/1.1 on both sides, with faults between.

`thread` runs an event loop and accepts clients · `exchange` is one client's request and answer ·
`upstream` is the connection made for it · `peer` is HTTP/1.1 on one socket · `fields` says which
headers are handed on.
"""
