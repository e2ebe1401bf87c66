internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// Orders and fills as the broker has them.
extension OpenDTrading {
    /// Always asked of the servers: the gateway's own memory may lack an order that is being looked for.
    func todaysOrders(wait: Duration) async throws(BrokerFailure) -> [BrokerOrder] {
        let account = try requireAccount()
        var request = OpenD.TrdGetOrderList.C2S()
        request.header = account.header()
        request.refreshCache = true
        let reply = try await calls.read(request, .account(account.id), wait: wait)
        return reply.orderList.compactMap { BrokerOrder($0, header: reply.header) }
    }

    /// A cursor is the time, in seconds, up to which the next page goes.
    func pastOrders(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<BrokerOrder> {
        let account = try requireAccount()
        let page = HistoryPage(request, account)
        var history = OpenD.TrdGetHistoryOrderList.C2S()
        history.header = account.header()
        history.filterConditions = page.filter
        let reply = try await calls.read(history, .account(account.id), wait: wait)
        return BrokerPage(reply.orderList.compactMap { BrokerOrder($0, header: reply.header) }, next: page.next)
    }

    func detail(brokerOrderID: String, wait: Duration) async throws(BrokerFailure) -> BrokerOrderDetail? {
        let account = try requireAccount()
        guard let order = try await order(brokerOrderID, account, wait: wait) else { return nil }
        var detail = BrokerOrderDetail(order: order)
        guard !account.isPaper, !order.filledQuantity.isZero else { return detail }
        var request = OpenD.TrdGetOrderFee.C2S()
        request.header = account.header()
        request.orderIdExList = [brokerOrderID]
        // The order is worth telling without its fees; they are unknown then.
        do throws(BrokerFailure) {
            let reply = try await calls.read(request, .account(account.id), wait: wait)
            if let fee = reply.orderFeeList.first(where: { $0.orderIDEx == brokerOrderID }) { detail.take(fee) }
        } catch {
            if error.kind == .cancelled { throw error }
        }
        return detail
    }

    /// Among today's and open orders first, then in the past.
    private func order(
        _ number: String, _ account: TradingAccount, wait: Duration
    ) async throws(BrokerFailure) -> BrokerOrder? {
        var request = OpenD.TrdGetOrderList.C2S()
        request.header = account.header()
        request.refreshCache = true
        var filter = OpenD.TrdCommon.TrdFilterConditions()
        filter.orderIDExList = [number]
        request.filterConditions = filter
        let today = try await calls.read(request, .account(account.id), wait: wait)
        func found(_ orders: [OpenD.TrdCommon.Order], _ header: OpenD.TrdCommon.TrdHeader) -> BrokerOrder? {
            orders.first { $0.orderIDEx == number }.flatMap { BrokerOrder($0, header: header) }
        }
        if let order = found(today.orderList, today.header) { return order }
        var history = OpenD.TrdGetHistoryOrderList.C2S()
        history.header = account.header()
        history.filterConditions = HistoryPage(order: number, account, now: .now()).filter
        let reply = try await calls.read(history, .account(account.id), wait: wait)
        return found(reply.orderList, reply.header)
    }

    // MARK: Fills

    private static let noFills = BrokerFailure(.notSupported, "The broker tells no fills of paper accounts.")

    func todaysExecutions(wait: Duration) async throws(BrokerFailure) -> [Execution] {
        let account = try requireAccount()
        guard !account.isPaper else { throw OpenDTrading.noFills }
        var request = OpenD.TrdGetOrderFillList.C2S()
        request.header = account.header()
        request.refreshCache = true
        let reply = try await calls.read(request, .account(account.id), wait: wait)
        return reply.orderFillList.compactMap { Execution($0, header: reply.header) }
    }

    /// A cursor is the time, in seconds, up to which the next page goes.
    func pastExecutions(_ request: PastRequest, wait: Duration) async throws(BrokerFailure) -> BrokerPage<Execution> {
        let account = try requireAccount()
        guard !account.isPaper else { throw OpenDTrading.noFills }
        let page = HistoryPage(request, account)
        var history = OpenD.TrdGetHistoryOrderFillList.C2S()
        history.header = account.header()
        history.filterConditions = page.filter
        let reply = try await calls.read(history, .account(account.id), wait: wait)
        return BrokerPage(reply.orderFillList.compactMap { Execution($0, header: reply.header) }, next: page.next)
    }
}

/// One question about the past, and where the next goes on.
struct HistoryPage {
    /// The longest stretch that is asked for at once, as the vendor's client has it.
    static let length = Duration.seconds(90 * 86_400)
    /// Times of queries are clock times of the market, and which one that is for an account with several is not
    /// documented: a day more on either side covers all of them. What lies outside does no harm.
    static let slack = Duration.seconds(86_400)

    /// Of the question.
    private(set) var filter = OpenD.TrdCommon.TrdFilterConditions()
    /// The cursor of the next page; `nil` at the end.
    private(set) var next: String?

    init(_ request: PastRequest, _ account: TradingAccount) {
        let end = request.cursor.flatMap { Int64($0) }.map { WallTime(seconds: $0) } ?? request.end
        let start = max(request.start, end + (.zero - HistoryPage.length))
        if start > request.start { next = String(start.seconds) }
        let zone = (account.securityMarkets.first ?? .hongKong).timeZone
        filter.beginTime = ExchangeTime.text(start + (.zero - HistoryPage.slack), zone: zone)
        filter.endTime = ExchangeTime.text(end + HistoryPage.slack, zone: zone)
        if let symbol = request.symbol { filter.codeList = [symbol.gatewayCode] }
    }

    /// The page of one order, as far back as one question goes.
    init(order number: String, _ account: TradingAccount, now: WallTime) {
        self.init(PastRequest(start: now + (.zero - HistoryPage.length), end: now), account)
        filter.orderIDExList = [number]
    }
}

extension BrokerOrderDetail {
    fileprivate mutating func take(_ fee: OpenD.TrdCommon.OrderFee) {
        totalCharges = fee.feeAmount.flatMap { DecimalText(double: $0) }
        chargesCurrency = order.currency
        charges = fee.feeList.map { item in
            Charge(
                category: "unknown", name: item.title ?? "", amount: item.value.flatMap { DecimalText(double: $0) },
                currency: order.currency)
        }
    }
}
