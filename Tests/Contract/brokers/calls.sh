#!/usr/bin/env bash
# Calls everything the API offers for an account, and prints one line of JSON a call: {"call", "method", "path", "status",
# "body"}. Nothing in it knows which broker the account is at.
#
# Usage: BROKERBRIDGE_URL=… BROKERBRIDGE_KEY=bb_… calls.sh ALIAS
set -euo pipefail
url=$BROKERBRIDGE_URL
alias=$1
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# call NAME METHOD PATH [BODY]: one call; its body stays in $answer for what depends on it.
call() {
    local status
    status=$(curl --silent --show-error --output "$answer" --write-out '%{http_code}' --request "$2" \
        --header "Authorization: Bearer $BROKERBRIDGE_KEY" --header "Idempotency-Key: $1-$alias-$RANDOM-$$" \
        ${4:+--header 'Content-Type: application/json' --data "$4"} "$url$3")
    python3 -c '
import json, sys
text = open(sys.argv[5]).read()
print(json.dumps({"call": sys.argv[1], "method": sys.argv[2], "path": sys.argv[3], "status": int(sys.argv[4]),
                  "body": json.loads(text) if text else None}))' "$1" "$2" "$3" "$status" "$answer"
}

# pick EXPRESSION: something of the last answer, empty if it is not there.
pick() {
    python3 -c '
import json, sys
try:
    body = json.load(open(sys.argv[1]))
    print(eval(sys.argv[2], {"body": body, "next": next}))
except (KeyError, IndexError, TypeError, StopIteration, ValueError):
    print("")' "$answer" "$1"
}

today=$(date -u +%F)
begin=$(date -u -d '-40 days' +%F)
a="account=$alias"

call account GET "/v1/accounts/$alias"
call session GET "/v1/accounts/$alias/session"
call authorization GET "/v1/accounts/$alias/auth"

call quotes GET "/v1/quotes?symbols=700.HK,5.HK,AAPL.US&$a"
call quotes-unknown GET "/v1/quotes?symbols=99999.HK&$a"
call quotes-mixed GET "/v1/quotes?symbols=700.HK,99999.HK&$a"
call instruments GET "/v1/instruments?symbols=700.HK,AAPL.US&$a"
call depth GET "/v1/depth/700.HK?$a"
call broker-queue GET "/v1/broker-queue/700.HK?$a"
call trades GET "/v1/trades/700.HK?limit=20&$a"
call intraday GET "/v1/intraday/700.HK?$a"
call candles-day GET "/v1/candles/700.HK?interval=1d&limit=30&$a"
call candles-minute GET "/v1/candles/AAPL.US?interval=1m&limit=30&$a"
call history GET "/v1/candles/700.HK/history?interval=1d&start=$begin&end=$today&limit=10&$a"
call indicators GET "/v1/indicators?symbols=700.HK&fields=last,pe_ttm,market_value&$a"
call capital-flow GET "/v1/capital-flow/700.HK?$a"
call capital-distribution GET "/v1/capital-distribution/700.HK?$a"
call expirations GET "/v1/options/AAPL.US/expirations?$a"
expiry=$(pick 'body["data"][0]')
call chain GET "/v1/options/AAPL.US/chain?expiry=${expiry:-2026-12-18}&$a"
option=$(pick 'next(row["call"] for row in body["data"] if row["call"])')
call option-quotes GET "/v1/options/quotes?symbols=${option:-AAPL261218C00230000.US}&$a"
call warrants GET "/v1/warrants/700.HK?limit=5&$a"
warrant=$(pick 'body["data"][0]["symbol"]')
call warrant-quotes GET "/v1/warrants/quotes?symbols=${warrant:-20001.HK}&$a"
call markets GET "/v1/markets?$a"
call hours GET "/v1/markets/HK/sessions?$a"
call calendar GET "/v1/markets/HK/calendar?start=$begin&end=$today&$a"
call subscriptions GET "/v1/subscriptions"

call watchlists GET "/v1/accounts/$alias/watchlists"
call price-alerts GET "/v1/accounts/$alias/price-alerts"

call balances GET "/v1/accounts/$alias/balances"
call positions GET "/v1/accounts/$alias/positions"
call margin-ratio GET "/v1/accounts/$alias/margin-ratios?symbol=700.HK"
call cash-flow GET "/v1/accounts/$alias/cash-flow?start=${begin}T00:00:00Z&end=${today}T00:00:00Z"

call quote-for-order GET "/v1/quotes?symbols=700.HK&$a"
last=$(pick 'body["data"][0]["last"]')
# Far below the market: it stays open.
low=$(python3 -c 'import sys; print(f"{int(float(sys.argv[1]) * 0.8)}.00")' "${last:-500}")
lower=$(python3 -c 'import sys; print(f"{int(float(sys.argv[1]) * 0.79)}.00")' "${last:-500}")
order() { printf '{"symbol":"700.HK","side":"%s","type":"%s","quantity":"100"%s}' "$1" "$2" "${3:+,\"limit_price\":\"$3\",\"time_in_force\":\"day\"}"; }
call estimate POST "/v1/accounts/$alias/orders/estimate" "$(order buy limit "$low" | sed 's/,"quantity":"100"//; s/,"time_in_force":"day"//')"
call dry-run POST "/v1/accounts/$alias/orders?dry_run=true" "$(order buy limit "$low")"
call refused-lot POST "/v1/accounts/$alias/orders" "$(order buy limit "$low" | sed 's/"100"/"7"/')"
call submit POST "/v1/accounts/$alias/orders" "$(order buy limit "$low")"
id=$(pick 'body["id"]')
call order GET "/v1/accounts/$alias/orders/$id"
call amend PATCH "/v1/accounts/$alias/orders/$id" "{\"limit_price\":\"$lower\"}"
call cancel DELETE "/v1/accounts/$alias/orders/$id"
call submit-market POST "/v1/accounts/$alias/orders" "$(order buy market)"
call orders GET "/v1/accounts/$alias/orders?status=all&limit=10"
call executions GET "/v1/accounts/$alias/executions?limit=10"
call cancel-all POST "/v1/accounts/$alias/orders/cancel-all" '{}'
call events GET "/v1/accounts/$alias/events?limit=10"
