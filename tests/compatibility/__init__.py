"""What released versions offered, kept as they themselves told it; take.py says how.

`<version>/surface.json` holds every name that others rely on.
"""
