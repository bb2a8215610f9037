"""The words and limits a programme file may use. A test holds them equal to `seminars.vocabulary`."""

KINDS = (
    "presentation_seminar",
    "restitution_seminar",
    "prospective_meeting",
    "immersion_placement",
    "distance_training",
    "technical_seminar",
    "working_group",
    "exchange_meeting",
    "network_meeting",
    "test_action",
    "youth_stay",
    "artistic_residency",
    "public_event",
    "public_information",
)
MODES = ("online", "in-person", "hybrid")
INTERPRETATIONS = ("consecutive", "simultaneous")
ROLES = (
    "participant",
    "trainer",
    "facilitator",
    "speaker",
    "rapporteur",
    "coordinator",
    "interpreter",
    "placement_tutor",
    "communication_officer",
)
LANGUAGES = ("fr", "it", "en")
COUNTRIES = ("FR", "IT")
SECTORS = ("professional", "association", "officer", "elected", "resident")
ATTENDANCES = ("half_day", "log", "daily", "headcount")
INDICATORS = ("RCO81", "RCO85", "RCO115")
ORGANISATION_TYPES = ("lead_partner", "partner", "public_authority", "local_operator", "association")

MOST_OCCURRENCES = 500
"""Dates one recurrence may give, excluded ones counted."""
MOST_MINUTES = 24 * 60
MOST_DAYS = 60
MOST_SLOTS = 8
FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Years a session may lie in: zones have whole-minute offsets there, and arithmetic stays in range."""
