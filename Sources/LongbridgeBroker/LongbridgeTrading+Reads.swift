internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks

/// Orders, fills, holdings and money as the broker has them.
extension LongbridgeTrading {
    // MARK: Orders

    func todaysOrders(wait: Duration) async throws(BrokerFailure) -> [BrokerOrder] {
        var orders: [BrokerOrder] = []
        // Whether the list has pages is not documented: they are asked for as long as they bring something new.
        for page in 1...LongbridgeTrading.maximumPages {
            let query = page == 1 ? [] : [(name: "page", value: String(page))]
            let data = try await read("/v1/trade/order/today", query, wait: wait)
            let known = Set(orders.map(\.brokerOrderID))
            let news = data.list("orders").compactMap { BrokerOrder(listed: $0) }.filter {
                !known.contains($0.brokerOrderID)
            }
            orders += news
            guard data["has_more"]?.boolValue == true, !news.isEmpty else { break }
        }
        return orders
    }

    private static let maximumPages = 10

    /// A cursor is the time, in seconds, up to which the next page goes.
    func pastOrders(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<BrokerOrder> {
        let end = request.cursor.flatMap { Int64($0) } ?? request.end.seconds
        var query = [("start_at", String(request.start.seconds)), ("end_at", String(end))]
        if let symbol = request.symbol { query.append(("symbol", symbol.text)) }
        let data = try await read("/v1/trade/order/history", query.map { ($0.0, $0.1) }, wait: wait)
        let orders = data.list("orders").compactMap { BrokerOrder(listed: $0) }
        var next: String?
        if data["has_more"]?.boolValue == true, let oldest = orders.compactMap({ $0.submittedAt?.seconds }).min() {
            // At least a second back, or a full second of orders would be asked for again and again.
            let before = min(oldest, end - 1)
            if before > request.start.seconds { next = String(before) }
        }
        return BrokerPage(orders, next: next)
    }

    func detail(brokerOrderID: String, wait: Duration) async throws(BrokerFailure) -> BrokerOrderDetail? {
        do throws(BrokerFailure) {
            if isUnitedStates { return try await detailInUnitedStates(brokerOrderID, wait: wait) }
            let data = try await read("/v1/trade/order", [("order_id", brokerOrderID)], wait: wait)
            return BrokerOrderDetail(data)
        } catch {
            // The code for parameters that are wrong is the one for an order that is not there.
            if error.upstream?.code == "602001" { return nil }
            throw error
        }
    }

    // MARK: Fills

    func todaysExecutions(wait: Duration) async throws(BrokerFailure) -> [Execution] {
        try await read("/v1/trade/execution/today", wait: wait).list("trades").compactMap { Execution($0) }
    }

    /// A cursor is the number of the next page.
    func pastExecutions(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<Execution> {
        let page = request.cursor.flatMap { Int($0) } ?? 1
        var query = [
            (name: "start_at", value: String(request.start.seconds)),
            (name: "end_at", value: String(request.end.seconds)), (name: "page", value: String(page)),
        ]
        if let symbol = request.symbol { query.append(("symbol", symbol.text)) }
        let data = try await read("/v1/trade/execution/history", query, wait: wait)
        let executions = data.list("trades").compactMap { Execution($0) }
        let hasMore = data["has_more"]?.boolValue == true && !executions.isEmpty && page < 1000
        return BrokerPage(executions, next: hasMore ? String(page + 1) : nil)
    }

    // MARK: Holdings and money

    func balances(currency: String?, wait: Duration) async throws(BrokerFailure) -> [AccountBalance] {
        if isUnitedStates { return try await balancesInUnitedStates(currency: currency, wait: wait) }
        let query = currency.map { [(name: "currency", value: $0)] } ?? []
        return try await read("/v1/asset/account", query, wait: wait).list("list").compactMap { AccountBalance($0) }
    }

    func positions(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> [Position] {
        if isUnitedStates { return try await positionsInUnitedStates(symbols, wait: wait) }
        let query = symbols.map { (name: "symbol", value: $0.text) }
        return try await read("/v1/asset/stock", query, wait: wait).list("list")
            .flatMap { $0.list("stock_info") }.compactMap { Position($0) }
    }

    func fundPositions(wait: Duration) async throws(BrokerFailure) -> [FundPosition] {
        try requireAsia("fund positions")
        return try await read("/v1/asset/fund", wait: wait).list("list").flatMap { $0.list("fund_info") }
            .compactMap { FundPosition($0) }
    }

    /// A cursor is the number of the next page.
    func cashFlow(
        _ request: PastRequest, type: String?, wait: Duration
    ) async throws(BrokerFailure) -> BrokerPage<CashFlowEntry> {
        if isUnitedStates { return try await cashFlowInUnitedStates(request, type: type, wait: wait) }
        let page = request.cursor.flatMap { Int($0) } ?? 1
        let size = 500
        var query = [
            (name: "start_time", value: String(request.start.seconds)),
            (name: "end_time", value: String(request.end.seconds)), (name: "page", value: String(page)),
            (name: "size", value: String(size)),
        ]
        if let code = type.flatMap({ CashFlowEntry.code(of: $0) }) { query.append(("business_type", code)) }
        if let symbol = request.symbol { query.append(("symbol", symbol.text)) }
        let rows = try await read("/v1/asset/cashflow", query, wait: wait).list("list")
        return BrokerPage(
            rows.compactMap { CashFlowEntry($0) }, next: rows.count >= size ? String(page + 1) : nil)
    }

    func marginRatio(_ symbol: Symbol, wait: Duration) async throws(BrokerFailure) -> MarginRatio {
        try requireAsia("margin ratios of securities")
        return MarginRatio(try await read("/v1/risk/margin-ratio", [("symbol", symbol.text)], wait: wait))
    }

    func maximumQuantity(
        _ request: OrderRequest, replacing: String?, wait: Duration
    ) async throws(BrokerFailure) -> MaximumQuantity {
        guard let type = TradeWords.type(request.type) else {
            throw BrokerFailure(.notSupported, "The broker takes no such orders.", field: "type")
        }
        var query = [
            (name: "symbol", value: request.symbol.text), (name: "order_type", value: type),
            (name: "side", value: TradeWords.side(request.side)), (name: "fractional_shares", value: "false"),
        ]
        if let price = request.prices[.limit] { query.append(("price", price.normalized.text)) }
        if let replacing { query.append(("order_id", replacing)) }
        return MaximumQuantity(try await read("/v1/trade/estimate/buy_limit", query, wait: wait))
    }
}
