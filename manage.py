#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retail_exec.settings")
    from django.core.management import execute_from_command_line
    from django.db import ProgrammingError

    from retail_exec.embedded import EmbeddedServerError

    try:
        execute_from_command_line(sys.argv)
    except EmbeddedServerError as error:
        sys.exit(str(error))
    except ProgrammingError as error:
        if "does not exist" not in str(error) or "--traceback" in sys.argv:
            raise
        sys.exit("The database is not up to date. Run: python manage.py migrate")


if __name__ == "__main__":
    main()
