public import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// What the gateway allows, for `/v1/limits`.
extension OpenDBroker {
    /// The subscriptions' quota once the gateway has told it, then every window of the table, by the vendor's name of the
    /// request.
    public var upstreamLimits: [UpstreamLimit] {
        var limits: [UpstreamLimit] = []
        if let limit = ledger.limit {
            var subscriptions = UpstreamLimit(
                name: "subscriptions", limit: limit, source: "Subscription Quota & Historical Candlestick Quota",
                sourceDate: OpenDLimits.read)
            subscriptions.used = ledger.used
            limits.append(subscriptions)
        }
        for use in link.queue.limits.use(account: orders?.account?.id, at: .now()) {
            guard let name = OpenDProtocol.with(id: use.rule.protocolID)?.name else { continue }
            var limit = UpstreamLimit(
                name: name, limit: use.rule.calls, source: use.rule.page, sourceDate: OpenDLimits.read)
            limit.used = use.used
            limit.window = .seconds(30)
            limit.reset = use.reset
            limits.append(limit)
        }
        return limits
    }
}
