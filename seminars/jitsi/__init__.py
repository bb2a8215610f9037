"""Jitsi: room names, tokens, addresses. A small library of its own; knows nothing of sessions."""
