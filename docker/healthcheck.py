"""Ends with status 0 if the web server in this container says that it is healthy."""

import os
import sys
import urllib.error
import urllib.request

URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health"

try:
    urllib.request.urlopen(URL, timeout=8)
except (urllib.error.URLError, TimeoutError) as error:
    sys.exit(f"{URL} is not healthy: {error}")
