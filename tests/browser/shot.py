"""A picture of a notebook in JupyterLab, for people who write lessons.

    python -m tests.browser.shot notebooks/02_read_the_wire.ipynb out.png [--dark] [--run]

Works on a copy of the notebook's folder; `--run` runs all cells through the interface first.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from tests.browser.jupyterlab import Lab


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--dark", action="store_true", help="use the dark theme")
    parser.add_argument("--run", action="store_true", help="run all cells first")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as copy:
        shutil.copytree(wanted.notebook.parent, copy, dirs_exist_ok=True)
        with Lab(Path(copy), dark=wanted.dark) as lab:
            lab.open(wanted.notebook.name)
            if wanted.run:
                lab.run_all()
            lab.screenshot(wanted.picture)


if __name__ == "__main__":
    main()
