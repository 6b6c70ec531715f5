"""YAML documents: Model, Application and DeploymentConfiguration, in the reference system's form.

source.py reads text and remembers lines, reader.py checks fields and collects faults, and there is one file per kind.
"""
