"""What released versions offered, stored as they reported it; take.py describes how.

For each version, `surface.json` has every name that others rely on, `disk` what it had written when the power failed in
the middle of a session, and `seen.json` what it showed afterward.
"""
