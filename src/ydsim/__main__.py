"""``python -m ydsim`` is the command line."""

import os
import sys
from contextlib import suppress

with suppress(OSError):  # there may be no current folder any more
    if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:
        del sys.path[0]  # as with the installed command, what lies in it is no module

from ydsim.cli import main

raise SystemExit(main())
