"""The health check, run inside the container: ends with 0 once MLServer says that the model is ready."""

import os
import urllib.request

urllib.request.urlopen(f"http://{os.environ['APP_HOST']}:8080/v2/models/iris/ready", timeout=3)
