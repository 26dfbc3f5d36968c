"""Doors out of the house: ``mail`` (SMTP), ``http`` (robots, hooks, gateway), ``sms``. Each says honestly what is known of the outcome."""
