"""提醒: collects what is due, finds its person, sends it once, stops when it is done."""
