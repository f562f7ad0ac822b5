"""Every write of the money, a module for each subject."""
