"""CodeBuild with a data plane: StartBuild runs the project's real buildspec on this machine.

A build is a shell session with `aws` and `docker` on its path. The `docker` command is the process engine's; where a
container engine answers it can be the real one, and nothing in a buildspec can tell.
"""
