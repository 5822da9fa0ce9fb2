"""Adds up the results of several `meson test` runs into one closing line, after the last words of each test that
failed. Exits 1 when a test failed or none ran."""

import json
import sys

LINES, COLUMNS = 20, 400  # of what a failed test printed, where whoever reads the end of a log finds it
FAILED = {"FAIL", "TIMEOUT", "ERROR", "INTERRUPT", "UNEXPECTEDPASS"}

passed = failed = skipped = 0
for path in sys.argv[1:]:
    with open(path) as log:
        for test in map(json.loads, log):
            result = test["result"]
            if result == "SKIP":
                skipped += 1
                print(f"skipped: {test['name']}")
            elif result in FAILED:
                failed += 1
                print(f"failed: {test['name']} ({path})")
                for line in (test.get("stdout", "") + test.get("stderr", "")).splitlines()[-LINES:]:
                    print(f"    {line[:COLUMNS]}")
            else:
                passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0 or passed == 0)
