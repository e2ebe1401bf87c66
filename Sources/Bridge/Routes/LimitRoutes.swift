internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Limits

/// Where a key and its accounts stand with every limit.
extension BridgeApplication {
    static func addLimitRoutes(to table: inout RouteTable<Route>) {
        table.add(
            .get, "/v1/limits",
            Route { application, context throws(Problem) in
                try context.noParameters()
                return .ready(context.json(application.limits(of: context.holder)))
            })
    }

    private func limits(of holder: KeyHolder) -> [UInt8] {
        let caller = holder.place ?? inbound.shared
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.key("key")
        json.beginObject()
        json.key("name")
        json.string(holder.name)
        json.key("policies")
        json.beginArray()
        for (group, bound, use) in inbound.standing(caller, at: .now()) {
            json.beginObject()
            json.key("name")
            json.string(group.rawValue)
            json.rate(bound, use)
            json.held("at_once", limit: bound.concurrent, used: use.concurrent)
            json.endObject()
        }
        json.endArray()
        json.key("endpoints")
        json.beginArray()
        for (row, use) in inbound.endpointStanding(caller, at: .now()) {
            json.beginObject()
            json.key("name")
            json.string(row.endpoint.policyName)
            json.key("endpoint")
            json.string(row.endpoint.description)
            json.rate(row.bound, use)
            json.endObject()
        }
        json.endArray()
        let caps = inbound.streamCaps(caller)
        let held = hub.held(by: holder.name)
        json.held("streams", limit: caps.streams, used: held.streams)
        json.held("topics", limit: caps.topics, used: held.topics)
        json.endObject()
        json.key("accounts")
        json.beginArray()
        for broker in accounts.brokers where holder.mayUse(account: broker.account.alias) {
            json.beginObject()
            json.key("account")
            json.string(broker.account.alias)
            json.key("broker")
            json.string(broker.account.broker)
            json.key("policies")
            json.beginArray()
            for limit in broker.upstreamLimits { json.upstream(limit) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// Where an account stands with one of its broker's limits of calls, for an answer's fields.
    func standing(_ broker: any Broker, _ name: String) -> RateLimitFields.Standing? {
        guard let limit = broker.upstreamLimits.first(where: { $0.name == name }), let window = limit.window else {
            return nil
        }
        return RateLimitFields.Standing(
            RateLimitFields.Policy(
                name: "\(broker.account.alias)/\(name)", quota: limit.ceiling,
                windowSeconds: Int(clamping: window.secondsRoundedUp)),
            remaining: limit.remaining, resetSeconds: Int(clamping: (limit.reset ?? .zero).secondsRoundedUp))
    }

    /// Where the account of an account's route stands.
    func upstreamStanding(_ context: RouteContext, _ group: EndpointClass) -> RateLimitFields.Standing? {
        guard let alias = context.parameters.all.first(where: { $0.name == "account" })?.value,
            let broker = accounts.brokers.first(where: { $0.account.alias == alias })
        else { return nil }
        switch group {
        case .account: return standing(broker, "trade/read")
        case .trade: return standing(broker, "trade/submit")
        case .cancel: return standing(broker, "trade")
        case .market, .admin: return nil
        }
    }
}

extension JSONWriter {
    /// How far a rate is used.
    fileprivate mutating func rate(_ bound: CallerTable.Bound, _ use: CallerTable.Use) {
        key("limit")
        int(bound.count)
        key("window_ms")
        int(bound.window.millisecondsRoundedUp)
        key("used")
        int(bound.count - use.remaining)
        key("remaining")
        int(use.remaining)
        key("reset_ms")
        int(use.reset.millisecondsRoundedUp)
    }

    /// `{"limit":…,"used":…}`
    fileprivate mutating func held(_ name: StaticString, limit: Int, used: Int) {
        key(name)
        beginObject()
        key("limit")
        int(limit)
        key("used")
        int(used)
        endObject()
    }

    fileprivate mutating func upstream(_ limit: UpstreamLimit) {
        beginObject()
        key("name")
        string(limit.name)
        key("limit")
        int(limit.limit)
        key("stated")
        int(limit.stated ?? limit.limit)
        key("ceiling")
        int(limit.ceiling)
        key("lowered_for_ms")
        int(limit.loweredFor?.millisecondsRoundedUp)
        key("window_ms")
        int(limit.window?.millisecondsRoundedUp)
        key("used")
        int(limit.used)
        key("remaining")
        int(limit.remaining)
        key("reset_ms")
        int(limit.reset?.millisecondsRoundedUp)
        if let atOnce = limit.atOnce {
            held("at_once", limit: atOnce.limit, used: atOnce.used)
        } else {
            key("at_once")
            null()
        }
        key("waiting")
        int(limit.waiting)
        key("level")
        string(limit.level)
        key("source")
        string(limit.source)
        key("source_date")
        string(limit.sourceDate)
        endObject()
    }
}
