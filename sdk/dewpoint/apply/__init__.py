"""Making a platform what documents say: what is there already is left alone, what differs is changed in place."""
