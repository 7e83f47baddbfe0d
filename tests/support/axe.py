"""axe-core, which finds what keeps people out of a page: fetched once by npm, outside the package.

python -m tests.support.axe
"""

import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "4.14.1"
FOLDER = Path(tempfile.gettempdir()) / "ydsim-axe-core"
FILE = FOLDER / f"axe-{VERSION}.min.js"

FINDINGS = """
axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .flatMap(one => one.nodes.map(node => one.id + ' ' + node.target + ': ' + node.failureSummary)))
"""


def fetch():
    """Put the script into the folder of temporary files."""
    FOLDER.mkdir(exist_ok=True)
    subprocess.run(["npm", "pack", f"axe-core@{VERSION}", "--pack-destination", FOLDER],
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    with tarfile.open(FOLDER / f"axe-core-{VERSION}.tgz") as package:
        script = package.extractfile("package/axe.min.js")
        assert script is not None
        FILE.write_bytes(script.read())


def findings(browser):
    """Return what axe-core finds on a page that is serious or critical, one line each."""
    browser.ask(FILE.read_text("utf-8") + ";0")
    return browser.ask(FINDINGS)


if __name__ == "__main__":
    fetch()
