"""The ground every app stands on: settings, people and centers, access, history, review, files, formats."""

import os

# python-docx brings lxml, which openpyxl would take without being told: its workbooks would have other bytes wherever lxml
# happens to be installed, and what people send would no longer be read by defusedxml. It decides when it is first imported.
os.environ["OPENPYXL_LXML"] = "False"
