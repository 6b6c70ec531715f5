"""Real containers behind the ports of `local_cloud.engine`: a Docker engine builds and runs what is built and run.

`engine.ContainerEngine` runs tasks, `command` is the `docker` of builds and of the CDK: a real one, that reaches ECR at
a registry on loopback. Containers share the machine's network, so that each listens at its own loopback address, as a
process does; everything else is theirs alone: files, processes, memory, processors, and no capability.
"""
