"""企业诉求: intake, dispatch, clock in working hours, answers, closing, call back."""
