"""What is in files that have a checksum of their own."""

from ydsim.store.manifest import seal, unseal


def content(path):
    """Return what a manifest or a receipt says, without its checksum."""
    return unseal(path.read_bytes(), path)


def put(folder, manifest):
    """Write a manifest into a folder, with a right checksum."""
    (folder / "manifest.json").write_bytes(seal(manifest))


def reseal(path, **changes):
    """Change what a manifest or a receipt says, with a right checksum."""
    path.write_bytes(seal({**content(path), **changes}))
