internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// Broker queues and the exchange's members (Hong Kong).
extension BridgeApplication {
    static func addQueueRoutes(to table: inout RouteTable<Route>) {
        addMarket("/v1/broker-queue/{symbol}", to: &table) { application, context throws(Problem) in
            try application.brokerQueue(context)
        }
        addMarket("/v1/participants", to: &table) { application, context throws(Problem) in
            try application.participantList(context)
        }
    }

    private func brokerQueue(_ context: RouteContext) throws(Problem) -> HTTPReply {
        let symbol = try context.symbol()
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query)
        try query.finish()
        let broker = try accounts.answering(alias, .brokerQueue, market: symbol.market, context.holder)
        if age > .zero, let live = broker.liveBrokerQueue(symbol) {
            var json = JSONWriter(capacity: 2048)
            json.beginObject()
            json.members(of: live.value)
            json.meta(broker, at: live.at, source: "push")
            json.endObject()
            return .ready(context.json(json.bytes))
        }
        let wait = longestWait(context)
        return pending(context, cache, broker, key: "broker-queue/\(symbol)", age) { () async throws(BrokerFailure) in
            let queue = try await broker.brokerQueue(symbol, wait: wait)
            var json = JSONWriter(capacity: 2048)
            json.members(of: queue)
            return ReadCache.Fetched(body: json.bytes)
        }
    }

    private func participantList(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let alias = try query.string("account")
        let age = try maximumAge(&query, default: .seconds(6 * 3600))
        try query.finish()
        let broker = try accounts.answering(alias, .participants, market: .hongKong, context.holder)
        let wait = longestWait(context)
        return pending(context, instruments, broker, key: "participants", age, isTagged: true) {
            () async throws(BrokerFailure) in
            let participants = try await broker.participants(wait: wait)
            var json = JSONWriter(capacity: 8192)
            json.list(participants) { $0.participant($1) }
            return ReadCache.Fetched(body: json.bytes)
        }
    }
}
