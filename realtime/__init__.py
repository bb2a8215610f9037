"""The door for live companions: one WebSocket per open page."""
