"""The machine: what `make up`, `make down`, `make status` and `make demo` do.

`up` is a list of steps (`up.plan`), each of which knows whether it is needed and how to do it; running the list twice
does the work once. `down` needs no plan: every process of a local cloud carries the cloud's id in its environment,
so the operating system itself is the register of what runs (`processes`).
"""
