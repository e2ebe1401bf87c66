internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

extension BridgeApplication {
    /// `GET /v1/stream`: server-sent events, or the same as lines of JSON.
    func stream(_ context: RouteContext) throws(Problem) -> HTTPReply {
        var query = QueryReader(context.request.head.target)
        let texts = try query.required("topics", query.list("topics", maximumCount: 500))
        let alias = try query.string("account")
        let wantsSnapshot = try query.boolean("snapshot") ?? true
        let maximumEvents = try query.integer("max_events", in: 1...1_000_000)
        let format: StreamFormat = try query.word("format") ?? .sse
        let asked = try query.string("last_event_id", maximumBytes: 4096)
        try query.finish()
        var topics: Set<StreamTopic> = []
        for text in texts { topics.formUnion(try self.topics(text, alias, context)) }
        guard topics.count <= 500 else {
            throw Problem(
                status: 400, code: "invalid_field", detail: "topics has more than 500 members.", field: "topics")
        }
        let requestedID = context.request.head.fields["Last-Event-ID"] ?? asked
        let isFull =
            isStopping || isMemoryTight
            || !hub.hasRoom(
                for: context.holder, topics: topics.count, inbound.streamCaps(context.holder.place ?? inbound.shared))
        if isFull, format == .ndjson {
            throw Problem(
                status: 503, code: isStopping ? "shutting_down" : "overloaded",
                detail: isStopping ? "The bridge is stopping." : "There are as many streams or topics as may be.",
                retryable: true, retryAfter: .seconds(5))
        }
        let fields: HTTPFields = [
            "Content-Type": format == .sse ? "text/event-stream" : "application/x-ndjson", "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        ]
        var all = fields
        for (name, value) in context.fields {
            if let name = HTTPFieldName(name) { all.append(name, value) }
        }
        let queueBytes = hub.queueBytes
        let expires = keys.expiry(of: context.holder.name)
        return .stream(all) { [hub] stream in
            stream.routeTemplate = context.template
            stream.keyName = context.holder.name
            // A browser never retries after a 503, so overload is a stream that asks to come back.
            guard !isFull else {
                stream.write(ServerSentEvent.retry(milliseconds: Int.random(in: 5000...15_000)))
                return stream.finish()
            }
            let reader = StreamReader(
                id: "s_" + Hex.encode(SecureRandom.bytes(8)), holder: context.holder, topics: topics,
                isNDJSON: format == .ndjson, expires: expires, maximumEvents: maximumEvents, queueBytes: queueBytes,
                stream: stream)
            hub.open(
                reader, resuming: requestedID.flatMap { EventPosition($0) },
                requestedID: requestedID.map { String($0.prefix(128)) },
                wantsSnapshot: wantsSnapshot)
        }
    }

    /// The account of that alias, or with `*` all the key may see.
    private func brokers(_ subject: String, _ context: RouteContext) throws(Problem) -> [any Broker] {
        guard subject == "*" else { return [try accounts.named(subject, context.holder)] }
        return accounts.brokers.filter { context.holder.mayUse(account: $0.account.alias) }
    }

    private static func lacks(_ scope: Scope) -> Problem {
        Problem(
            status: 403, code: "insufficient_scope", detail: "The key lacks the scope \(scope.rawValue).",
            field: "topics")
    }

    private enum StreamFormat: String, CaseIterable {
        case sse, ndjson
    }

    private func topics(_ text: String, _ alias: String?, _ context: RouteContext) throws(Problem) -> [StreamTopic] {
        func invalid(_ detail: String) -> Problem {
            Problem(
                status: 422, code: "invalid_topic", detail: detail, field: "topics",
                suggestions: ["quote:700.HK", "candle:700.HK@1m", "session:ACCOUNT"])
        }
        guard let colon = text.firstIndex(of: ":") else {
            throw invalid("A topic is KIND:SUBJECT, such as quote:700.HK.")
        }
        let subject = String(text[text.index(after: colon)...])
        let kind = String(text[..<colon])
        switch kind {
        case "session": return try brokers(subject, context).map { .session(account: $0.account.alias) }
        case "orders", "executions":
            guard context.holder.may(.accountRead) else { throw Self.lacks(.accountRead) }
            let trading = try brokers(subject, context).filter { $0.trading != nil }
            guard !trading.isEmpty else {
                throw Problem(
                    status: 501, code: "not_supported_by_broker", detail: "The account has no trading side.",
                    field: "topics")
            }
            return trading.map {
                kind == "orders" ? .orders(account: $0.account.alias) : .executions(account: $0.account.alias)
            }
        default: break
        }
        guard context.holder.may(.marketRead) else { throw Self.lacks(.marketRead) }
        if kind == "candle" {
            guard let topic = CandleTopic(subject) else {
                throw invalid("A candle topic is candle:SYMBOL@INTERVAL, such as candle:700.HK@1m.")
            }
            _ = try context.symbol(topic.symbol.text, field: "topics")
            let broker = try accounts.answering(alias, .candleStream, market: topic.symbol.market, context.holder)
            return [.candle(account: broker.account.alias, topic)]
        }
        guard let kind = MarketTopicKind(rawValue: kind) else {
            throw invalid("Topics are quote, depth, trade, broker-queue, candle, session, orders and executions.")
        }
        let symbol = try context.symbol(subject, field: "topics")
        if kind == .brokerQueue, symbol.market != .hongKong {
            throw Problem(
                status: 422, code: "no_data", detail: "Only Hong Kong has broker queues.", field: "topics")
        }
        let capability: Capability =
            switch kind {
            case .quote: .quoteStream
            case .depth: .depthStream
            case .trade: .tradeStream
            case .brokerQueue: .brokerQueueStream
            }
        let broker = try accounts.answering(alias, capability, market: symbol.market, context.holder)
        return [.market(account: broker.account.alias, MarketTopic(kind, symbol))]
    }
}
