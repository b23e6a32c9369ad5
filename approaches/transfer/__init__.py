"""Therapists as a spreadsheet, out and in: one row for each, with offices, licenses, terms, words.

`files` reads and writes CSV and XLSX, `columns` says what may stand in one, `resource` matches rows
with whom we hold and stores them, `run` does all of it or nothing.
"""
