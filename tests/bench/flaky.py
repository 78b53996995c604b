"""Are the lessons green every time? python -m tests.bench.flaky [--times 30]

Runs all lessons under strict nbval so often, while a spinning process for each core takes the
time away, and says how many runs were green. Exit code 1 if any was not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=30, help="how many runs (30)")
    wanted = parser.parse_args()
    spin = [sys.executable, "-c", "while True: pass"]
    spinning = [subprocess.Popen(spin) for _ in range(os.cpu_count() or 1)]
    green = 0
    try:
        for number in range(1, wanted.times + 1):
            began = time.monotonic()
            command = [sys.executable, "-m", "pytest", "-q", "-n2", "notebooks"]
            ran = subprocess.run(command, capture_output=True, text=True)
            green += ran.returncode == 0
            seconds = time.monotonic() - began
            print(f"{number:3}  {green} of {number} green, {seconds:.0f} s", flush=True)
            if ran.returncode:
                print(ran.stdout[-4000:], flush=True)
    finally:
        for one in spinning:
            one.kill()
            one.wait()
    return 0 if green == wanted.times else 1


if __name__ == "__main__":
    sys.exit(main())
