internal import LongbridgeWire

/// What one socket has subscribed.
struct SubscriptionBook: Sendable {
    /// Types by security, by the vendor's numbers: 1 quote, 2 depth, 3 brokers, 4 trades.
    private(set) var types: [String: Set<Int32>] = [:]

    /// Securities in one request.
    static let requestLimit = 500

    /// Adds types to securities, and answers with what this request subscribed. Securities that are not known are left out.
    ///
    /// - Parameters:
    ///   - taken: securities that other sockets of the user have.
    ///   - limit: securities the user may have on all sockets.
    mutating func subscribe(
        _ request: Longbridge.Quote.SubscribeRequest, taken: Set<String>, limit: Int
    ) throws(BrokerRefusal) -> Longbridge.Quote.SubscriptionResponse {
        let wanted = Set(request.subType.map(\.rawValue))
        guard !wanted.isEmpty, wanted.allSatisfy({ (1...4).contains($0) }) else { throw .invalid }
        guard request.symbol.count <= SubscriptionBook.requestLimit else { throw .tooMany }
        let known = request.symbol.filter { SimulatedSecurity.bySymbol[$0] != nil }
        guard taken.union(types.keys).union(known).count <= limit else { throw .tooManySubscriptions }
        var made: [String: Set<Int32>] = [:]
        for symbol in known {
            types[symbol, default: []].formUnion(wanted)
            made[symbol] = wanted
        }
        return SubscriptionBook.response(made)
    }

    /// Takes types away. What was not subscribed is no mistake.
    mutating func unsubscribe(_ request: Longbridge.Quote.UnsubscribeRequest) throws(BrokerRefusal) {
        guard request.symbol.count <= SubscriptionBook.requestLimit else { throw .tooMany }
        if request.unsubAll {
            if request.symbol.isEmpty { types = [:] }
            for symbol in request.symbol { types[symbol] = nil }
            return
        }
        let unwanted = Set(request.subType.map(\.rawValue))
        guard !unwanted.isEmpty, unwanted.allSatisfy({ (1...4).contains($0) }) else { throw .invalid }
        for symbol in request.symbol {
            types[symbol]?.subtract(unwanted)
            if types[symbol]?.isEmpty == true { types[symbol] = nil }
        }
    }

    /// Everything of this socket.
    var all: Longbridge.Quote.SubscriptionResponse { SubscriptionBook.response(types) }

    private static func response(_ entries: [String: Set<Int32>]) -> Longbridge.Quote.SubscriptionResponse {
        var response = Longbridge.Quote.SubscriptionResponse()
        response.subList = entries.sorted { $0.key < $1.key }.map { symbol, types in
            var entry = Longbridge.Quote.SubTypeList()
            entry.symbol = symbol
            entry.subType = types.sorted().map { Longbridge.Quote.SubType(rawValue: $0) }
            return entry
        }
        return response
    }
}

/// The topics of one trade socket. There is one: the account's orders.
struct TopicBook: Sendable {
    private(set) var topics: [String] = []

    mutating func subscribe(_ request: Longbridge.Trade.Sub) -> Longbridge.Trade.SubResponse {
        var response = Longbridge.Trade.SubResponse()
        for topic in request.topics.prefix(100) {
            guard topic == "private" else {
                var refused = Longbridge.Trade.SubResponse.Fail()
                refused.topic = String(topic.prefix(100))
                refused.reason = "unknown topic"
                response.fail.append(refused)
                continue
            }
            if !topics.contains(topic) { topics.append(topic) }
            response.success.append(topic)
        }
        response.current = topics
        return response
    }

    mutating func unsubscribe(_ request: Longbridge.Trade.Unsub) -> Longbridge.Trade.UnsubResponse {
        topics.removeAll { request.topics.contains($0) }
        var response = Longbridge.Trade.UnsubResponse()
        response.current = topics
        return response
    }
}
