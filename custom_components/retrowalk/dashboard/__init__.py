"""The dashboard: the card's files, its WebSocket commands, and what the card is told."""
