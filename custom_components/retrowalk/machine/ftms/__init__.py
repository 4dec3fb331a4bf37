"""The Bluetooth SIG's Fitness Machine Service (FTMS) 1.0, as treadmills speak it."""
