"""Bytes and Bluetooth: speaks to treadmills, knows nothing of Home Assistant or of training."""
