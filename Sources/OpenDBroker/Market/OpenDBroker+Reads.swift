public import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import EventLoops
internal import OpenDWire

extension OpenDBroker {
    /// Present figures, by snapshots: they cost no subscription.
    public func quotes(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> SymbolResults<Quote> {
        let snapshots = try await snapshots(symbols, wait: wait)
        var results = SymbolResults<Quote>(failures: snapshots.failures)
        for (symbol, snapshot) in snapshots.values {
            results.values[symbol] = Quote(snapshot.basic, symbol: symbol)
        }
        return results
    }

    /// What is fixed about securities; figures that the static list lacks are of a snapshot.
    public func instruments(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<Instrument> {
        let infos = try await staticInfo(symbols, wait: wait)
        var snapshots = SymbolResults<OpenD.QotGetSecuritySnapshot.Snapshot>()
        // Without the snapshot's figures the rest is still true.
        if !infos.values.isEmpty, let found = try? await self.snapshots(infos.values.keys.sorted(), wait: wait) {
            snapshots = found
        }
        var results = SymbolResults<Instrument>(failures: infos.failures)
        for (symbol, info) in infos.values {
            results.values[symbol] = Instrument(info, snapshot: snapshots.values[symbol], symbol: symbol)
        }
        return results
    }

    /// The order book.
    public func depth(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> OrderBook {
        try await withSubscription(symbol, .orderBook, wait: wait) { () throws(BrokerFailure) in
            var request = OpenD.QotGetOrderBook.C2S()
            request.security = symbol.security
            request.num = OpenDBroker.bookRows
            let answer = try await self.link.read(request, wait: wait)
            return OrderBook(symbol: symbol, bids: answer.orderBookBidList, asks: answer.orderBookAskList)
        }
    }

    /// The newest trades, oldest first.
    public func trades(_ symbol: Symbol, limit: Int, wait: Duration) async throws(BrokerFailure) -> [BrokerModel.Trade]
    {
        try await withSubscription(symbol, .ticker, wait: wait) { () throws(BrokerFailure) in
            var request = OpenD.QotGetTicker.C2S()
            request.security = symbol.security
            request.maxRetNum = Int32(clamping: min(max(limit, 1), OpenDLimits.rows))
            let answer = try await self.link.read(request, wait: wait)
            return answer.tickerList.compactMap { BrokerModel.Trade($0, market: symbol.market, rule: self.sessionRule) }
        }
    }

    /// The minutes of the day, oldest first.
    public func intraday(
        _ symbol: Symbol, sessions: SessionFilter, wait: Duration
    ) async throws(BrokerFailure) -> [IntradayPoint] {
        try await withSubscription(symbol, .timeShare, wait: wait) { () throws(BrokerFailure) in
            var request = OpenD.QotGetRT.C2S()
            request.security = symbol.security
            let answer = try await self.link.read(request, wait: wait)
            let points = answer.rtList.compactMap { IntradayPoint($0, zone: symbol.market.timeZone) }
            guard sessions == .regular else { return points }
            return points.filter { self.sessionRule.session(at: $0.time, market: symbol.market) == .regular }
        }
    }

    /// Who stands at the best prices: Hong Kong, with the rights to see it.
    public func brokerQueue(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> BrokerQueue {
        guard symbol.market == .hongKong else { throw .notOffered }
        return try await withSubscription(symbol, .broker, wait: wait) { () throws(BrokerFailure) in
            var request = OpenD.QotGetBroker.C2S()
            request.security = symbol.security
            let answer = try await self.link.read(request, wait: wait)
            return BrokerQueue(symbol: symbol, bids: answer.brokerBidList, asks: answer.brokerAskList)
        }
    }

    /// The rows of a book that are asked for; the user's rights cap them.
    private static let bookRows: Int32 = 40

    // MARK: Lists of securities

    /// Snapshots by security.
    func snapshots(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OpenD.QotGetSecuritySnapshot.Snapshot> {
        try await sorted(symbols, batch: OpenDLimits.snapshotSymbols) { symbols throws(BrokerFailure) in
            var request = OpenD.QotGetSecuritySnapshot.C2S()
            request.securityList = symbols.map(\.security)
            return try await self.link.read(request, wait: wait).snapshotList.compactMap { snapshot in
                Symbol(snapshot.basic.security).map { ($0, snapshot) }
            }
        }
    }

    /// Static information by security.
    func staticInfo(
        _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> SymbolResults<OpenD.QotCommon.SecurityStaticInfo> {
        try await sorted(symbols, batch: OpenDLimits.staticSymbols) { symbols throws(BrokerFailure) in
            var request = OpenD.QotGetStaticInfo.C2S()
            request.securityList = symbols.map(\.security)
            return try await self.link.read(request, wait: wait).staticInfoList.compactMap { info in
                Symbol(info.basic.security).map { ($0, info) }
            }
        }
    }

    /// Asks for batches of securities. The gateway refuses a whole request for one security it does not know, and does
    /// not say which: a refused batch is halved until it is found, within a bound of calls.
    private func sorted<Value: Sendable>(
        _ symbols: [Symbol], batch: Int,
        _ ask: @LoopActor ([Symbol]) async throws(BrokerFailure) -> [(Symbol, Value)]
    ) async throws(BrokerFailure) -> SymbolResults<Value> {
        var results = SymbolResults<Value>()
        let unique = Array(Set(symbols)).sorted()
        var open = stride(from: 0, to: unique.count, by: batch).map {
            Array(unique[$0..<min($0 + batch, unique.count)])
        }
        var extraCalls = OpenDBroker.extraCalls
        while let symbols = open.popLast() {
            do throws(BrokerFailure) {
                for (symbol, value) in try await ask(symbols) { results.values[symbol] = value }
            } catch {
                switch error.kind {
                case .invalidRequest, .unknownSymbol, .noData, .notPermitted:
                    guard symbols.count > 1, extraCalls >= 2 else {
                        let failure = symbols.count == 1 ? error.aboutSymbol : error
                        for symbol in symbols { results.failures[symbol] = failure }
                        continue
                    }
                    extraCalls -= 2
                    open.append(Array(symbols[(symbols.count / 2)...]))
                    open.append(Array(symbols[..<(symbols.count / 2)]))
                default: throw error
                }
            }
        }
        let asked = Set(symbols)
        results.values = results.values.filter { asked.contains($0.key) }
        for symbol in asked where results.values[symbol] == nil && results.failures[symbol] == nil {
            results.failures[symbol] = .leftOut
        }
        return results
    }

    /// Calls that may be spent on finding what was wrong in one request: enough for two among 400, of the 60 there are
    /// in half a minute.
    private static let extraCalls = 32
}
