"""What released versions offered, kept as they themselves told it; take.py says how.

Of each version: `surface.json` has every name that others rely on, `disk` what it had written when the power failed in
the middle of a session, and `seen.json` what it then showed of that.
"""
