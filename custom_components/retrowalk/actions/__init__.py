"""The actions that people and automations may call."""
