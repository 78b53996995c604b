"""All measurements of speed: python -m tests.bench

Ratios and medians of one run on one machine; nothing here decides a test.
"""

import sys

from tests.bench import bench_sse, provider, proxy, serve

if __name__ == "__main__":
    bench_sse.main()
    if "--json" not in sys.argv:
        print("\nserver start and stop")
        serve.main()
        print("\nproxy")
        proxy.main()
        print("\nprovider")
        provider.main()
