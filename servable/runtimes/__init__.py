"""The runtimes: a folder each, with what its image installs (Dockerfile, requirements.txt) and how it loads (load.py).

`load(files, signature, cpus)` takes the payload folder and the processors one call may use, and gives a callable from
input arrays to output values by name. It raises CannotLoad when files and signature do not fit each other; the callable
raises ValueError for values the model refuses. Input arrays may be read-only. A new runtime is a folder here and a name
in servable/load.py.
"""
