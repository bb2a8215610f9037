"""Writes iCalendar objects and the mails that carry them (RFC 5545, 5546, 6047, 7986); knows no project."""
