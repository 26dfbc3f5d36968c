"""Pure decisions: when a deadline speaks (``steps``), to whom (``people``), in which words (``messages``), when nobody is disturbed (``quiet``), and the
formats other systems expect (``robots``, ``calendar_file``)."""
