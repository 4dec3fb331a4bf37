"""The dashboard: the card's files, its WebSocket commands, and its feed."""
