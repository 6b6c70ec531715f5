"""ECS with a data plane: tasks are real containers of the engine, services keep their number of tasks.

Clusters and task definitions are moto's, which keeps them faithfully. Tasks and services are ours: `runner` gives a
task its life, `plan` says what a service needs next, `scheduler` does it, `announce` tells EventBridge.
"""
