"""Faults on command: an AWS that throttles, refuses or dawdles, for tests of what the platform does then.

`PUT /_dewpoint/faults` with a rule adds it, `GET` lists the rules with how often each was met, `DELETE` takes all away.
"""
