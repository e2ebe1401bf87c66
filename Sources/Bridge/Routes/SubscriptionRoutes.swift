internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// What is subscribed upstream, and what the accounts may see.
extension BridgeApplication {
    static func addSubscriptionRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/subscriptions", to: &table) { application, context throws(Problem) in
            try application.subscriptions(context)
        }
    }

    private func subscriptions(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let asksBrokers = try query.boolean("upstream") ?? false
        try query.finish()
        let brokers = accounts.brokers.filter { context.holder.mayUse(account: $0.account.alias) }
        guard asksBrokers else { return .ready(context.json(subscriptions(brokers, [:]))) }
        let wait = longestWait(context)
        return .pending { [self] in
            var held: [String: [MarketTopic]] = [:]
            for broker in brokers {
                held[broker.account.alias] = try? await broker.subscribedUpstream(wait: wait)
            }
            return context.json(subscriptions(brokers, held))
        }
    }

    private func subscriptions(_ brokers: [any Broker], _ held: [String: [MarketTopic]]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.list(brokers) { json, broker in
            json.beginObject()
            json.key("account")
            json.string(broker.account.alias)
            json.key("used")
            json.int(broker.links.reduce(0) { $0 + $1.subscriptionsUsed })
            json.key("limit")
            json.int(broker.links.compactMap(\.subscriptionLimit).first)
            json.key("topics")
            json.beginArray()
            for (topic, readers) in hub.subscriptions(of: broker.account.alias) {
                json.beginObject()
                json.key("topic")
                json.string(topic)
                json.key("readers")
                json.int(readers)
                json.endObject()
            }
            json.endArray()
            json.key("permissions")
            json.permissions(broker.quotePermissions)
            json.key("upstream")
            if let topics = held[broker.account.alias] {
                json.beginArray()
                for topic in topics.map({ "\($0.kind.rawValue):\($0.symbol.text)" }).sorted() { json.string(topic) }
                json.endArray()
            } else {
                json.null()
            }
            json.endObject()
        }
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    /// What market data an account may see; `null` until its broker has told.
    mutating func permissions(_ permissions: QuotePermissions?) {
        guard let permissions else { return null() }
        beginObject()
        key("level")
        string(permissions.level)
        key("history_limit")
        int(permissions.historyLimit)
        key("packages")
        beginArray()
        for package in permissions.packages {
            beginObject()
            key("key")
            string(package.key)
            key("name")
            string(package.name)
            key("description")
            string(package.description)
            key("market")
            string(package.market)
            key("start")
            time(package.start)
            key("end")
            time(package.end)
            endObject()
        }
        endArray()
        endObject()
    }
}
