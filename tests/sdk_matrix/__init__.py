"""What the vendors' own SDKs make of our provider, situation by situation.

`python -m tests.sdk_matrix` prints the table; `expected` holds what is known to come out.
"""
