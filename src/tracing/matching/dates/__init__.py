"""Birth dates and ages as people give them: EDTF texts, four calendars, ages that were true on a day."""
