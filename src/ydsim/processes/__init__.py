"""The phases of a quarter, one module a phase.

What goes by one name is one thing in all of them, unless a function says otherwise.
``environment`` is the policy environment in force, ``baseline`` that without policies. ``noise``
are the draws of the quarter, ``lasting`` draws that do not depend on it. ``constants`` are means of
the run's burn-in; without them the quarter compares with itself. ``decay_h`` is the travel time at
which what travels falls to 1/e, h.
"""
