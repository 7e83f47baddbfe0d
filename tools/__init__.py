"""What makes pages of ``docs/`` and fits packaged data, run from a clone: ``python -m tools.NAME``.

None of it is in the wheel.
"""
