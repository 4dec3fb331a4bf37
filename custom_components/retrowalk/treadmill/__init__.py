"""One treadmill at run time, between Home Assistant and the session."""
