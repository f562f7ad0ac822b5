"""Every write of the agreements, a module for each subject."""
