"""The live page of ``ydsim explore``: settings, models that step, pictures, and a guarded server.

It stands on Solara, the front end of Mesa, which is an extra (``pip install 'ydsim[explorer]'``).
Only `page` and `serve` import it, and nothing imports these before the page is asked for.
"""
