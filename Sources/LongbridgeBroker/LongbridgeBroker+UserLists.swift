public import BrokerModel
internal import Bytes
public import Clocks
internal import EventLoops
internal import HTTPCalling
internal import Limits
internal import LongbridgeWire

/// The calls of the vendor's HTTP API that are about market data and what the user keeps.
extension LongbridgeBroker {
    // MARK: Markets

    /// A list of securities. The vendor documents one: those of the United States that trade overnight.
    public func securities(
        _ market: Market, _ category: SecurityCategory, wait: Duration
    ) async throws(BrokerFailure) -> [SecurityListing] {
        guard category == .overnight else {
            throw BrokerFailure(.notSupported, "The broker does not have this list.", field: "category")
        }
        let data = try await call(
            GatewayCall(
                "/v1/quote/get_security_list", query: [("market", market.wire), ("category", "Overnight")],
                deadline: Self.listTimeout), wait: wait)
        return (data["list"]?.arrayValue ?? []).compactMap { SecurityListing($0) }
    }

    /// How heated a market is now.
    public func temperature(_ market: Market, wait: Duration) async throws(BrokerFailure) -> MarketTemperature {
        let data = try await call(
            GatewayCall(
                "/v1/quote/market_temperature", query: [("market", market.wire)], deadline: Self.listTimeout),
            wait: wait)
        guard let temperature = MarketTemperature(data) else { throw Self.unreadable }
        return temperature
    }

    /// How heated it was.
    public func temperatureHistory(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> [MarketTemperature] {
        let data = try await call(
            GatewayCall(
                "/v1/quote/history_market_temperature",
                query: [("market", market.wire), ("start_date", from.compact), ("end_date", through.compact)],
                deadline: Self.listTimeout), wait: wait)
        guard let rows = data["list"]?.arrayValue else { throw Self.unreadable }
        return rows.compactMap { MarketTemperature($0) }.sorted {
            ($0.time ?? .init(seconds: 0)) < ($1.time ?? .init(seconds: 0))
        }
    }

    // MARK: Watchlists

    private static let groups = "/v1/watchlist/groups"

    /// The user's watchlists.
    public func watchlists(wait: Duration) async throws(BrokerFailure) -> [Watchlist] {
        let data = try await call(GatewayCall(Self.groups, deadline: Self.listTimeout), wait: wait)
        guard let groups = data["groups"]?.arrayValue else { throw Self.unreadable }
        return groups.compactMap { Watchlist($0) }
    }

    /// Makes one.
    public func createWatchlist(
        _ name: String, _ symbols: [Symbol], wait: Duration
    ) async throws(BrokerFailure) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("name")
        json.string(name)
        json.symbols("securities", symbols)
        json.endObject()
        let data = try await call(
            GatewayCall(Self.groups, method: "POST", body: json.bytes, deadline: Self.listTimeout), wait: wait)
        guard let id = data["id"]?.stringValue ?? data["id"]?.numberText else { throw Self.unreadable }
        return id
    }

    /// Changes one: each kind of change is a call of its own, in the order replace, remove, add, pin.
    public func changeWatchlist(_ id: String, _ change: WatchlistChange, wait: Duration) async throws(BrokerFailure) {
        guard let number = Int64(id) else { throw Self.noSuchList }
        var updates: [(mode: String?, symbols: [Symbol])] = []
        if let securities = change.securities { updates.append(("replace", securities)) }
        if !change.removed.isEmpty { updates.append(("remove", change.removed)) }
        if !change.added.isEmpty { updates.append(("add", change.added)) }
        if updates.isEmpty, change.name != nil { updates.append((nil, [])) }
        for (index, update) in updates.enumerated() {
            var json = JSONWriter()
            json.beginObject()
            json.key("id")
            json.int(number)
            if index == 0, let name = change.name {
                json.key("name")
                json.string(name)
            }
            if let mode = update.mode {
                json.symbols("securities", update.symbols)
                json.key("mode")
                json.string(mode)
            }
            json.endObject()
            try await self.change(
                GatewayCall(Self.groups, method: "PUT", body: json.bytes, deadline: Self.listTimeout), wait: wait)
        }
        for (mode, symbols) in [("add", change.pinned), ("remove", change.unpinned)] where !symbols.isEmpty {
            var json = JSONWriter()
            json.beginObject()
            json.key("mode")
            json.string(mode)
            json.symbols("securities", symbols)
            json.endObject()
            try await self.change(
                GatewayCall("/v1/watchlist/pinned", method: "POST", body: json.bytes, deadline: Self.listTimeout),
                wait: wait)
        }
    }

    /// Drops one.
    public func deleteWatchlist(_ id: String, purging: Bool, wait: Duration) async throws(BrokerFailure) {
        guard Int64(id) != nil else { throw Self.noSuchList }
        try await self.change(
            GatewayCall(
                Self.groups, method: "DELETE", query: [("id", id), ("purge", purging ? "true" : "false")],
                deadline: Self.listTimeout), wait: wait)
    }

    // MARK: Price alerts

    private static let reminders = "/v1/notify/reminders"

    /// The user's price alerts.
    public func priceAlerts(wait: Duration) async throws(BrokerFailure) -> [PriceAlert] {
        let data = try await call(GatewayCall(Self.reminders, deadline: Self.listTimeout), wait: wait)
        guard let entries = data["lists"]?.arrayValue else { throw Self.unreadable }
        return entries.flatMap { PriceAlert.list($0) }
    }

    /// Makes one.
    public func createPriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        try await change(
            GatewayCall(
                Self.reminders, method: "POST", body: alert.body(isNew: true), deadline: Self.listTimeout), wait: wait)
    }

    /// Replaces the one of that id.
    public func changePriceAlert(_ alert: PriceAlert, wait: Duration) async throws(BrokerFailure) {
        try await change(
            GatewayCall(
                Self.reminders, method: "POST", body: alert.body(isNew: false), deadline: Self.listTimeout), wait: wait)
    }

    /// Drops one.
    public func deletePriceAlert(_ id: String, wait: Duration) async throws(BrokerFailure) {
        try await change(
            GatewayCall(Self.reminders, method: "DELETE", query: [("ids", id)], deadline: Self.listTimeout), wait: wait)
    }

    // MARK: Calls

    /// The vendor's client waits 30 s for a whole exchange; nobody waits for these that long.
    static let listTimeout = Duration.seconds(15)
    private static let unreadable = BrokerFailure(.badAnswer, "The broker's answer could not be read.")
    private static let noSuchList = BrokerFailure(.invalidRequest, "The broker has no such list.")

    /// Makes a call within the limits and gives its `data`. Once the broker has it, it goes on when the caller leaves.
    func call(_ call: GatewayCall, wait: Duration) async throws(BrokerFailure) -> JSONValue {
        let turn = try await link.turn(wait: wait)
        let task = spawn { [link] () async -> Result<JSONValue, BrokerFailure> in
            defer { link.ended(turn) }
            do throws(LongbridgeGateway.Failure) { return .success(try await link.gateway.call(call)) } catch {
                let failure = BrokerFailure(listCall: error)
                if failure.kind == .rateLimited {
                    link.refusedAsTooMany(pause: failure.retryAfter ?? QuoteLimits.pauseAfterRefusal)
                }
                return .failure(failure)
            }
        }
        return try await task.value.get()
    }

    /// A call that changes something; some answers to it have no `data`, though nothing failed.
    private func change(_ call: GatewayCall, wait: Duration) async throws(BrokerFailure) {
        var call = call
        call.needsData = false
        _ = try await self.call(call, wait: wait)
    }
}

extension BrokerFailure {
    /// What a failed call about lists or markets means.
    ///
    /// - Source: `longbridge-http`, section 1.6. The vendor documents codes for the security list and the temperature
    ///   only; what refuses a parameter elsewhere is told by its HTTP status.
    init(listCall failure: LongbridgeGateway.Failure) {
        switch failure {
        case .refused(let code, let message, let trace, let status):
            let upstream = Upstream(
                broker: "longbridge", code: String(code), message: String(message.prefix(500)),
                traceID: trace.map { String($0.prefix(128)) })
            switch code {
            case 401_000...401_999, 403_201, 403_203, 403_205:
                self.init(
                    .authorizationRequired, "The broker does not accept the account's credentials.", upstream: upstream)
            case 403_308, 403_008: self = BrokerFailure(failure)
            case 403_000...403_999, 301_604:
                self.init(.notPermitted, "The broker does not allow this for the account.", upstream: upstream)
            case 429_000...429_999, 301_606:
                self.init(
                    .rateLimited, "The broker says the calls come too fast.",
                    retryAfter: QuoteLimits.pauseAfterRefusal, upstream: upstream)
            case 310_010, 301_600: self.init(.invalidRequest, Self.refusedParameters, upstream: upstream)
            default:
                self.init(
                    status == 400 ? .invalidRequest : .badAnswer,
                    status == 400 ? Self.refusedParameters : "The broker reported a failure of its own.",
                    upstream: upstream)
            }
        case .unreadable(status: 429, let retryAfter):
            self.init(
                .rateLimited, "The broker says the calls come too fast.",
                retryAfter: retryAfter ?? QuoteLimits.pauseAfterRefusal)
        case .unreadable(let status, _):
            self.init(.badAnswer, "The broker's answer could not be read (HTTP \(status)).")
        case .call(.timedOut): self.init(.timedOut, "The broker did not answer in time.")
        case .call(.cancelled): self.init(.cancelled, "The caller went away.")
        case .call(.notSent): self.init(.connectionLost, "The broker could not be reached; nothing was sent.")
        case .call(.tooLarge): self.init(.badAnswer, "The broker's answer is too large.")
        case .call(.failed): self.init(.connectionLost, "The connection to the broker was lost.")
        case .credential: self.init(failure)
        }
    }

    private static let refusedParameters = "The broker refused the request's parameters."
}

extension JSONWriter {
    fileprivate mutating func symbols(_ name: StaticString, _ symbols: [Symbol]) {
        key(name)
        beginArray()
        for symbol in symbols { string(symbol.wire) }
        endArray()
    }
}
