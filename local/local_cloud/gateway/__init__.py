"""What stands between the public and the functions: REST APIs completed to what AWS does, and CloudFront's records.

`rest_api` installs, into LocalStack's chain of handlers, Lambda authorizers (`authorizers`, deciding by `policy`),
gateway responses (`responses`), size and time limits and binary bodies (`proxy`).
"""
