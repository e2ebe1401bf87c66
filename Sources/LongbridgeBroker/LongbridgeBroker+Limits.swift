public import BrokerModel
internal import Clocks
internal import Limits
internal import LongbridgeWire

/// How far the broker's limits are used.
extension LongbridgeBroker {
    /// Those of calls, then those of what is held.
    public var upstreamLimits: [UpstreamLimit] {
        let now = Instant.now()
        let quotes = link.queue.line
        var quote = Self.limit("quote", .quote, quotes.budgets[QuoteLimits.all], at: now)
        quote.atOnce = (quotes.atOnce, quotes.underWayCount)
        quote.waiting = quotes.waitingCount
        var all = [quote, Self.limit("history", .history, quotes.budgets[QuoteLimits.history], at: now)]
        if let line = orders?.pacer.line {
            var trade = Self.limit("trade", .trade, line.budgets[TradeLimits.all], at: now)
            trade.waiting = line.waitingCount
            all.append(trade)
            // Shares of it; the broker knows only the whole.
            for (name, budget) in [("trade/submit", TradeLimits.besideCancels), ("trade/read", TradeLimits.looking)] {
                var share = Self.limit(name, .trade, line.budgets[budget], at: now)
                share.stated = nil
                all.append(share)
            }
        }
        var symbols = Self.limit(
            .historySymbols, "history-symbols", link.settings.bounds.historySymbols, quotePermissions?.historyLimit)
        symbols.used = historyUse.symbols(at: .now()).count
        symbols.level = quotePermissions?.historyLimit.flatMap { LongbridgeLimit.level(symbols: $0) }
        var subscriptions = Self.limit(
            .subscriptions, "subscriptions", link.settings.bounds.subscriptions, quotePermissions?.subscriptionLimit)
        subscriptions.used = plan.confirmedCount
        return all + [symbols, subscriptions]
    }

    private static func limit(
        _ name: String, _ row: LongbridgeLimit, _ budget: HeldWindow, at now: Instant
    ) -> UpstreamLimit {
        var limit = UpstreamLimit(
            name: name, limit: budget.limit, source: row.row.source, sourceDate: row.row.date)
        limit.ceiling = budget.ceiling(at: now)
        limit.used = budget.used(at: now)
        limit.window = row.row.window
        limit.reset = budget.reset(at: now) - now
        limit.loweredFor = budget.loweredUntil(at: now).map { $0 - now }
        if budget.limit != row.row.count { limit.stated = row.row.count }
        return limit
    }

    /// One of things: what the owner allows, what the session tells, or what the page says.
    private static func limit(
        _ row: LongbridgeLimit, _ name: String, _ owner: Int?, _ told: Int?
    ) -> UpstreamLimit {
        let stated = told ?? row.row.count
        var limit = UpstreamLimit(
            name: name, limit: min(owner ?? stated, stated), source: row.row.source, sourceDate: row.row.date)
        if limit.limit != stated { limit.stated = stated }
        return limit
    }
}
