"""Runs the vendor's SDK over its catalogue beside quotes and trading, and prints which calls were understood."""

import json
import traceback

import sdk_login
from longbridge.openapi import (
    FundamentalContext, MarketContext, PortfolioContext, ScreenerContext,
)

config = sdk_login.config()
fundamental, market = sdk_login.kept(FundamentalContext(config)), sdk_login.kept(MarketContext(config))
portfolio, screener = sdk_login.kept(PortfolioContext(config)), sdk_login.kept(ScreenerContext(config))
calls = {
    "dividend": lambda: fundamental.dividend("700.HK").list,
    "forecast_eps": lambda: fundamental.forecast_eps("700.HK").items,
    "company": lambda: fundamental.company("700.HK").company_name,
    "shareholder": lambda: fundamental.shareholder("700.HK").shareholder_list,
    "valuation": lambda: fundamental.valuation("700.HK").metrics.pe.list,
    "financial_report": lambda: fundamental.financial_report("700.HK"),
    "market_status": lambda: market.market_status().market_time,
    "trade_stats": lambda: market.trade_stats("700.HK").trades,
    "rank_categories": lambda: market.rank_categories(),
    # Not the calendar: the SDK writes `types[]` with its brackets as they are, which strict HTTP has no place for.
    "profit_analysis": lambda: portfolio.profit_analysis().sublist.items,
    "screener": lambda: screener.screener_recommend_strategies("HK"),
}
report = {}
for name, call in calls.items():
    try:
        report[name] = bool(call())
    except Exception:
        report[name] = traceback.format_exc()[-400:]
print(json.dumps(report))
