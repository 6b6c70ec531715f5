"""Lambda functions as processes: AWS's own runtime client (awslambdaric) against a Runtime API served in this process.

`executor` is LocalStack's plugin and the life of one execution environment; `launch` decides what to run, `process`
runs it, `runtime_api` talks to it, `reports` words its errors and log lines. There is no sandbox: a function is the
same user on the same file system, with a clean environment and a temporary folder of its own.
"""
