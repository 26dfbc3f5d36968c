"""Pure rules of service: what a visit must say, when it may still be changed, which records deserve a call-back."""
