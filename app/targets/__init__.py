"""目标任务: the figures the plans promise, what is reached of them by a day, and the pace the calendar asks for (the five documents; domain rules "Targets").

A target is an entry of the policy pack. What the registers know is counted as of the day and as known on the day; the rest is entered with source
and evidence. Public surface: ``queries.progress`` (every target of a city on a day), ``actions.enter_value``.
"""
