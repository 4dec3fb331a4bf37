"""One treadmill at run time: the parts between Home Assistant and the session."""
