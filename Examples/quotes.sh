#!/usr/bin/env bash
# Shows the present figures of some securities, then the first rows of an order book.
#
# Usage: BROKERBRIDGE_KEY=bb_… Examples/quotes.sh [SYMBOL...]
# BROKERBRIDGE_URL is where the bridge listens; default http://127.0.0.1:8080. Needs curl and jq or Python.
set -euo pipefail
url=${BROKERBRIDGE_URL:-http://127.0.0.1:8080}
symbols=("${@:-700.HK}")
list=$(IFS=,; echo "${symbols[*]}")

# An error is a problem document, and its status is what counts: --fail-with-body shows it and ends.
ask() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $BROKERBRIDGE_KEY" "$url$1"; }

# Prices are strings, exactly as the broker gave them: print them, do not make them floating-point numbers.
ask "/v1/quotes?symbols=$list" | python3 -c '
import json, sys
answer = json.load(sys.stdin)
for quote in answer["data"]:
    print(quote["symbol"], quote["last"], quote["change_percent"] or "-", "%", sep="\t")
for failed in answer["errors"]:
    print(failed["symbol"], failed["problem"]["detail"], sep="\t", file=sys.stderr)
'
ask "/v1/depth/${symbols[0]}?levels=3" | python3 -c '
import json, sys
book = json.load(sys.stdin)
for side in ("asks", "bids"):
    for row in book[side]:
        print(side, row["position"], row["price"], row["quantity"], sep="\t")
'
