"""Papers that leave the house as PDF: gathered here in one language, laid out by the `.typ` beside."""

from seminars.documents.convocation import convocation

__all__ = ["convocation"]
