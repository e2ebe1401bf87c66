internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The user's price reminders at the gateway. A write is sent once.
///
/// - Source: Futu OpenAPI, "Set Price Reminder", "Get Price Reminder List": a list is of one market, Shanghai and Shenzhen
///   being one; values have three decimals; a modified reminder is given whole.
@LoopActor
final class OpenDPriceAlerts {
    private let calls: any OpenDCalls
    private let now: @LoopActor () -> Instant
    private var recent = RecentAnswers<Market, [KeptAlert]>()

    init(calls: any OpenDCalls, now: @escaping @LoopActor () -> Instant = { Instant.now() }) {
        self.calls = calls
        self.now = now
    }

    /// The alerts, by market.
    func all(wait: Duration) async throws(BrokerFailure) -> [PriceAlert] {
        var alerts: [PriceAlert] = []
        do throws(BrokerFailure) {
            for market in Self.markets { alerts += try await kept(market, wait: wait).map(\.alert) }
        } catch {
            if error.kind == .rateLimited { recent.cutOff() }
            throw error
        }
        recent.completed(Self.markets)
        return alerts
    }

    func create(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        _ = try Self.listed(alert.symbol)
        let key = try await write(try OpenD.QotSetPriceReminder.C2S(alert, operation: .add), wait: wait)
        if !alert.isEnabled { try await set(alert.symbol, key: key, .disable, wait: wait) }
    }

    /// Changes what differs from the alert there is; its note and its sessions stay.
    func change(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        let present = try await present(alert.id, wait: wait)
        let was = present.alert
        if (alert.condition, alert.value, alert.frequency) != (was.condition, was.value, was.frequency) {
            var request = try OpenD.QotSetPriceReminder.C2S(alert, operation: .modify)
            request.key = present.key
            request.note = present.note
            request.reminderSessionList = present.sessions
            _ = try await write(request, wait: wait)
        }
        if alert.isEnabled != was.isEnabled {
            try await set(was.symbol, key: present.key, alert.isEnabled ? .enable : .disable, wait: wait)
        }
    }

    func delete(_ id: String, wait: Duration) async throws(BrokerFailure) {
        guard let (key, symbol) = KeptAlert.parts(id) else { throw Self.unknown }
        try await set(symbol, key: key, .delete, wait: wait)
    }

    private func set(
        _ symbol: Symbol, key: Int64, _ operation: ReminderOperation, wait: Duration
    ) async throws(BrokerFailure) {
        var request = OpenD.QotSetPriceReminder.C2S()
        request.security = symbol.security
        request.op = operation.rawValue
        request.key = key
        _ = try await write(request, wait: wait)
    }

    /// - Returns: the reminder's key.
    private func write(_ request: OpenD.QotSetPriceReminder.C2S, wait: Duration) async throws(BrokerFailure) -> Int64 {
        // Whatever becomes of it, the list of before is no longer sure: not while it is on its way, and not after it.
        let market = Symbol(request.security).map { Self.key($0.market) }
        if let market { recent.forget(market) }
        defer { if let market { recent.forget(market) } }
        return try await calls.read(request, wait: wait).key
    }

    private func present(_ id: String, wait: Duration) async throws(BrokerFailure) -> KeptAlert {
        guard let (_, symbol) = KeptAlert.parts(id) else { throw Self.unknown }
        let market = try Self.listed(symbol)
        guard let found = try await kept(market, wait: wait).first(where: { $0.alert.id == id }) else {
            throw Self.unknown
        }
        return found
    }

    private func kept(_ market: Market, wait: Duration) async throws(BrokerFailure) -> [KeptAlert] {
        if let known = recent.value(market, at: now()) { return known }
        var request = OpenD.QotGetPriceReminder.C2S()
        request.market = market.quoteMarket
        let changes = recent.changes
        let alerts = KeptAlert.list(try await calls.read(request, wait: wait))
        recent.keep(alerts, for: market, at: now(), since: changes)
        return alerts
    }

    /// The market whose list has alerts of the security.
    private static func listed(_ symbol: Symbol) throws(BrokerFailure) -> Market {
        let market = key(symbol.market)
        guard markets.contains(market) else {
            throw BrokerFailure(.notSupported, "The broker has no alerts of this market.", field: "symbol")
        }
        return market
    }

    private static func key(_ market: Market) -> Market { market == .shenzhen ? .shanghai : market }

    private static let markets: [Market] = [.hongKong, .unitedStates, .shanghai]
    private static let unknown = BrokerFailure(.invalidRequest, "The broker has no such alert.")
}
