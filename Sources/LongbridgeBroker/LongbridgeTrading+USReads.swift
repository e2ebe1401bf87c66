internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks

/// What the vendor's US data centre answers under paths of its own. Orders, fills and estimates have the same in both.
///
/// - Source: `longbridge-http`, sections 5.1, 5.2.11 and 5.3.5; bodies and names are as the vendor's client 5.3.0 sends and
///   reads them.
extension LongbridgeTrading {
    /// Whether the account lives there.
    var isUnitedStates: Bool { gateway.dataCenter == DataCenter.unitedStates }

    /// What the data centre of the account has no call for, in the words of the vendor's client.
    func requireAsia(_ what: String) throws(BrokerFailure) {
        guard isUnitedStates else { return }
        throw BrokerFailure(.notSupported, "The broker's US data center has no \(what).")
    }

    func detailInUnitedStates(_ number: String, wait: Duration) async throws(BrokerFailure) -> BrokerOrderDetail? {
        // It becomes part of a path.
        guard !number.isEmpty, number.utf8.allSatisfy(Self.isOfNumber) else { return nil }
        let data = try await read("/v1/us/orders/\(number)", wait: wait)
        guard let order = data["order"], !order.isNull else { return nil }
        guard let detail = BrokerOrderDetail(unitedStates: order) else {
            throw BrokerFailure(.badAnswer, "The broker's answer is not an order.")
        }
        return detail
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    func balancesInUnitedStates(currency: String?, wait: Duration) async throws(BrokerFailure) -> [AccountBalance] {
        let query = currency.map { [(name: "currency", value: $0)] } ?? []
        let data = try await read("/v1/us/assets/cash-and-buy-power", query, wait: wait)
        return AccountBalance(unitedStates: data).map { [$0] } ?? []
    }

    /// Of several markets of assets; what trades in none we know, as coins do, is left out.
    func positionsInUnitedStates(_ symbols: [Symbol], wait: Duration) async throws(BrokerFailure) -> [Position] {
        let data = try await read("/v1/us/assets/overview", wait: wait)
        let held = ["stock_list", "option_list"].flatMap { data.list($0) }.compactMap { Position(unitedStates: $0) }
        guard !symbols.isEmpty else { return held }
        let wanted = Set(symbols)
        return held.filter { wanted.contains($0.symbol) }
    }

    /// Rows of a page; the vendor's client asks for 20 unless told otherwise.
    private static let flowRows = 50

    /// A cursor is the number of the next page.
    func cashFlowInUnitedStates(
        _ request: PastRequest, type: String?, wait: Duration
    ) async throws(BrokerFailure) -> BrokerPage<CashFlowEntry> {
        let page = request.cursor.flatMap { Int($0) } ?? 1
        var json = JSONWriter()
        json.beginObject()
        for (name, value) in [
            ("start", request.start.seconds), ("end", request.end.seconds), ("page", Int64(page)),
            ("size", Int64(Self.flowRows)),
        ] {
            json.key(dynamic: name)
            json.int(value)
        }
        json.endObject()
        let rows = try await read(
            GatewayCall(
                "/v1/us/assets/transaction-history", method: "POST", body: json.bytes,
                deadline: LongbridgeTrading.timeout), wait: wait
        ).list("items")
        // The call knows neither of the two.
        let chosen = rows.compactMap { CashFlowEntry(unitedStates: $0) }.filter { entry in
            (type == nil || type == entry.kind) && (request.symbol == nil || request.symbol?.text == entry.symbol)
        }
        return BrokerPage(chosen, next: rows.count >= Self.flowRows ? String(page + 1) : nil)
    }
}
