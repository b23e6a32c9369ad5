#!/usr/bin/env python
"""Django's command line for this directory."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directory.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit("Django is not installed here. Run: make setup") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
