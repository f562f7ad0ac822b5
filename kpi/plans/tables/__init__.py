"""The KPI tables of the screen."""
