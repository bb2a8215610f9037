"""The verbs. Each is keyword-only, one transaction, raises only Refused, and announces facts after the commit."""
