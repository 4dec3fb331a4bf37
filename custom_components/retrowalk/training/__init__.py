"""Decides what the belt should do and what a walk was worth: no Home Assistant, no Bluetooth, no clock."""
