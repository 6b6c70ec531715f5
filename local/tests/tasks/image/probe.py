"""Exit code 0 when the server of this task is healthy."""

import os
import sys
import urllib.request

try:
    urllib.request.urlopen(f"http://{os.environ['APP_HOST']}:{os.environ['APP_PORT']}/health", timeout=2)
except OSError:
    sys.exit(1)
