"""``python -m ydsim`` is the command line."""

from ydsim.cli import main

raise SystemExit(main())
