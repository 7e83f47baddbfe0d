"""``python -m ydsim`` is the command line."""

import os
import sys

if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:
    del sys.path[0]  # as with the installed command, what lies in the current folder is no module

from ydsim.cli import main

raise SystemExit(main())
