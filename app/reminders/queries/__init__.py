"""Reading: ``book`` (rules of each city), ``staff`` (who is there today), ``desk`` (what a person has to do), ``inbox``, ``sendings`` (what left the
house), ``calendar`` (subscriptions)."""
