"""The HTML door: pages, forms and feeds for people; asks the hall, decides nothing itself."""
