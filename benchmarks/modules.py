"""How many modules and rooms of ydsim a command enters, by a trace of all calls.

    python benchmarks/modules.py run ten_firms --no-figures -q -o FOLDER
    python benchmarks/modules.py compare baseline_2018 open_platforms --set scale=0.01 -o FOLDER

A module is entered when a function of it is called other than by an import; what is imported but
never called does not count, and a template is no module. Runs are seen when they are made in this
process (``--jobs 1``). The rooms are listed with the number of their modules.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import ydsim

PACKAGE = str(Path(ydsim.__file__).parent) + "/"


def main(arguments: list[str]) -> int:
    """Run one command and print what it entered on stderr."""
    entered: set[str] = set()
    importing = 0

    def trace(frame: FrameType, event: str, argument: object) -> None:
        nonlocal importing
        code = frame.f_code
        if code.co_name == "<module>":
            importing += {"call": 1, "return": -1}.get(event, 0)
        elif event == "call" and not importing:
            name = code.co_filename
            if name.startswith(PACKAGE) and name.endswith(".py"):
                entered.add(name.removeprefix(PACKAGE))

    from ydsim.cli.app import main as command

    sys.setprofile(trace)
    code = command(arguments)
    sys.setprofile(None)
    rooms = Counter(name.split("/")[0] for name in entered)
    loaded = sum(name.startswith("ydsim.") for name in sys.modules)
    print(f"entered {len(entered)} modules of {len(rooms)} rooms, loaded {loaded}", file=sys.stderr)
    for room, number in sorted(rooms.items()):
        print(f"  {room}: {number}", file=sys.stderr)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
