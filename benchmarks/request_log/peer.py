"""DuckDB on the same files, in an environment of its own: answers each line, a query in SQL, with wall and processor
seconds and the number of rows.

    python peer.py FOLDER
"""

import json
import os
import sys
import time


def main(folder: str) -> None:
    import duckdb

    connection = duckdb.connect(config={"threads": len(os.sched_getaffinity(0))})
    files = f"read_parquet('{folder}/log/version=1/*/*/*.parquet', hive_partitioning=false)"
    connection.execute(f"CREATE VIEW log AS SELECT * FROM {files}")
    print(json.dumps({"version": duckdb.__version__}), flush=True)
    for line in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        rows = connection.execute(json.loads(line)).fetchall()
        took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor, "rows": len(rows)}
        print(json.dumps(took), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
