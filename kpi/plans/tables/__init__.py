"""The KPI tables: on the page, in the pack, for machines."""
