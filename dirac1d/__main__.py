"""``python -m dirac1d``: the command line."""

import sys

from dirac1d.apps.cli import main

if __name__ == "__main__":
    sys.exit(main())
