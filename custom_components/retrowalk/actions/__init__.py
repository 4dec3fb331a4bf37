"""The actions (services) that people and automations may call."""
