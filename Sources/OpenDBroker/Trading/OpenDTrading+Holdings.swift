internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// Money and securities as the broker has them.
extension OpenDTrading {
    /// Asks the servers if the broker's limit leaves room at once, and the gateway's memory if not: that is free, and
    /// kept up by the servers' own pushes.
    private func freshened<Request: OpenDRequestMessage>(
        _ account: TradingAccount, wait: Duration, _ request: (_ refresh: Bool) -> Request
    ) async throws(BrokerFailure) -> Request.Reply {
        do throws(OpenDCallFailure) {
            return try await calls.call(request(true), .account(account.id), wait: .zero)
        } catch {
            guard case .notSent(let failure) = error, failure.kind == .rateLimited else { throw BrokerFailure(error) }
        }
        return try await calls.read(request(false), .free, wait: wait)
    }

    func balances(currency: String?, wait: Duration) async throws(BrokerFailure) -> [AccountBalance] {
        let account = try requireAccount()
        let wanted = currency ?? account.baseCurrency
        guard let code = CurrencyCodes.code(wanted == "CNY" ? "CNH" : wanted) else {
            throw BrokerFailure(.invalidRequest, "The broker converts to no such currency.", field: "currency")
        }
        let reply = try await freshened(account, wait: wait) { refresh in
            var request = OpenD.TrdGetFunds.C2S()
            request.header = account.header()
            request.refreshCache = refresh
            request.currency = code
            return request
        }
        guard let funds = reply.funds else {
            throw BrokerFailure(.badAnswer, "The gateway's answer has no funds.")
        }
        return [AccountBalance(funds, currency: wanted)]
    }

    private func held(
        _ account: TradingAccount, wait: Duration
    ) async throws(BrokerFailure) -> OpenD.TrdGetPositionList.S2C {
        try await freshened(account, wait: wait) { refresh in
            var request = OpenD.TrdGetPositionList.C2S()
            request.header = account.header()
            request.refreshCache = refresh
            return request
        }
    }

    func positions(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> [Position] {
        let reply = try await held(try requireAccount(), wait: wait)
        return reply.positionList.compactMap { Position($0, header: reply.header) }.filter {
            symbols.isEmpty || symbols.contains($0.symbol)
        }
    }

    func fundPositions(wait: Duration) async throws(BrokerFailure) -> [FundPosition] {
        try await held(try requireAccount(), wait: wait).positionList.compactMap { FundPosition($0) }
    }

    /// Days of a page: each is a call, and ten calls fit into 30 s.
    private static let flowDays = 5

    /// A cursor is the number of the day since 1970 with which the next page begins; newest days come first.
    func cashFlow(
        _ request: PastRequest, type: String?, wait: Duration
    ) async throws(BrokerFailure) -> BrokerPage<CashFlowEntry> {
        let account = try requireAccount()
        guard !account.isPaper else {
            throw BrokerFailure(.notSupported, "The broker tells no cash flow of paper accounts.")
        }
        guard type == nil || type == "cash" else {
            throw BrokerFailure(.notSupported, "The broker tells of movements of cash only.", field: "type")
        }
        guard request.symbol == nil else {
            throw BrokerFailure(
                .invalidRequest, "The broker does not tell which security a movement is about.", field: "symbol")
        }
        let zone = (account.securityMarkets.first ?? .hongKong).timeZone
        let first = zone.civil(at: request.start).date.daysSinceEpoch
        var day = request.cursor.flatMap { Int($0) } ?? zone.civil(at: request.end).date.daysSinceEpoch
        var entries: [CashFlowEntry] = []
        for _ in 0..<OpenDTrading.flowDays where day >= first {
            var flow = OpenD.TrdFlowSummary.C2S()
            flow.header = account.header()
            flow.clearingDate = CivilDate(daysSinceEpoch: day).iso
            let reply = try await calls.read(flow, .account(account.id), wait: wait)
            entries += reply.flowSummaryInfoList.map { CashFlowEntry($0, zone: zone) }
            day -= 1
        }
        return BrokerPage(entries, next: day >= first ? String(day) : nil)
    }

    func marginRatio(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> MarginRatio {
        let account = try requireAccount()
        guard !account.isPaper else {
            throw BrokerFailure(.notSupported, "The broker tells no margin figures of paper accounts.")
        }
        guard let market = account.orderMarket(for: symbol.market) else {
            throw BrokerFailure(
                .invalidRequest, "The account does not trade in \(symbol.market.rawValue).", field: "symbol")
        }
        var request = OpenD.TrdGetMarginRatio.C2S()
        request.header = account.header(market)
        request.securityList = [symbol.security]
        let reply = try await calls.read(request, wait: wait)
        guard let info = reply.marginRatioInfoList.first(where: { Symbol($0.security) == symbol }) else {
            throw BrokerFailure(.noData, "The broker has no margin figures of the security.")
        }
        return MarginRatio(info)
    }

    func maximumQuantity(
        _ request: OrderRequest, replacing: String?, wait: Duration
    ) async throws(BrokerFailure) -> MaximumQuantity {
        let account = try requireAccount()
        guard let type = OrderCodes.type(request.type) else {
            throw BrokerFailure(.invalidRequest, "The broker takes no such orders.", field: "type")
        }
        guard let market = account.orderMarket(for: request.symbol.market) else {
            throw BrokerFailure(
                .invalidRequest, "The account does not trade in \(request.symbol.market.rawValue).", field: "symbol")
        }
        var question = OpenD.TrdGetMaxTrdQtys.C2S()
        question.header = account.header(market)
        question.orderType = type.type
        question.code = request.symbol.gatewayCode
        question.secMarket = request.symbol.market.orderMarket
        if let price = request.prices[.limit] ?? request.prices[.trigger] {
            question.price = price.normalized.double
        } else {
            question.price = try await lastPrice(request.symbol, wait: wait)
        }
        question.orderIDEx = replacing
        let reply = try await calls.read(question, .account(account.id), wait: wait)
        guard let quantities = reply.maxTrdQtys else {
            throw BrokerFailure(.badAnswer, "The gateway's answer has no quantities.")
        }
        return MaximumQuantity(quantities, side: request.side)
    }

    /// The broker reckons with a price even where the order has none.
    private func lastPrice(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> Double {
        var request = OpenD.QotGetSecuritySnapshot.C2S()
        request.securityList = [symbol.security]
        let reply = try await calls.read(request, wait: wait)
        guard let price = reply.snapshotList.first?.basic.curPrice, price > 0 else {
            throw BrokerFailure(
                .invalidRequest, "The broker has no last price; give a limit_price to reckon with.",
                field: "limit_price")
        }
        return price
    }
}
