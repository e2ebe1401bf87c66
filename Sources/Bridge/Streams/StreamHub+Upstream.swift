internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// What the brokers tell.
extension StreamHub {
    func received(_ event: BrokerEvent, from alias: String) {
        if !answers.isEmpty { answers.removeAll(keepingCapacity: true) }
        switch event {
        case .quote(let quote, let at, let isSnapshot):
            encodedQuotes[alias]?[quote.symbol] = nil
            publish(.market(account: alias, MarketTopic(.quote, quote.symbol)), "quote") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: quote) }
            }
        case .depth(let book, let at, let isSnapshot):
            publish(.market(account: alias, MarketTopic(.depth, book.symbol)), "depth") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: book) }
            }
        case .brokerQueue(let queue, let at, let isSnapshot):
            publish(.market(account: alias, MarketTopic(.brokerQueue, queue.symbol)), "broker_queue") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: queue) }
            }
        case .trades(let symbol, let trades, let at):
            for trade in trades {
                publish(.market(account: alias, MarketTopic(.trade, symbol)), "trade") {
                    data(alias, at, isSnapshot: false) { json in
                        json.key("symbol")
                        json.string(symbol.text)
                        json.members(of: trade)
                    }
                }
            }
        case .candle(let topic, let candle, let at, let isSnapshot):
            publish(.candle(account: alias, topic), "candle") {
                data(alias, at, isSnapshot: isSnapshot) { $0.members(of: candle, topic) }
            }
        case .candleGap(let topic, let gap):
            let topic = StreamTopic.candle(account: alias, topic)
            publish(topic, "gap") { StreamHub.gapData(topic.text, gap) }
        case .candleRefused(let topic, let failure): refused(.candle(account: alias, topic), failure)
        case .link(let status): linkChanged(status, alias)
        case .authorization(let status, let remaining): authorizationChanged(status, remaining, alias)
        case .gap(let missed, let gap):
            encodedQuotes[alias] = [:]
            for topic in missed {
                let topic = StreamTopic.market(account: alias, topic)
                publish(topic, "gap") { StreamHub.gapData(topic.text, gap) }
            }
        case .refused(let topic, let failure): refused(.market(account: alias, topic), failure)
        }
    }

    /// Remembered while anybody wants the topic: who comes later is told too, as the broker is not asked again.
    func refused(_ topic: StreamTopic, _ failure: BrokerFailure) {
        guard topics[topic] != nil else { return }
        topics[topic]?.refusal = failure
        publish(topic, "subscription") { StreamHub.refusalData(topic, failure) }
    }

    static func refusalData(_ topic: StreamTopic, _ failure: BrokerFailure) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("refused")
        json.beginArray()
        json.beginObject()
        json.key("topic")
        json.string(topic.text)
        json.key("problem")
        Problem(failure).write(to: &json, requestID: nil)
        json.endObject()
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// `auth` events stand in the account's session topic.
    func authorizationChanged(_ status: AuthorizationStatus, _ remaining: Duration?, _ alias: String) {
        let isBad = remaining != nil || status.state == .authorizationRequired || status.isUnsaved
        let (state, reason) = (LogField.state(status.state.rawValue), LogField.reason(status.lastError ?? "-"))
        if isBad {
            log?.warning("auth.changed", .account(alias), state, reason)
        } else {
            log?.info("auth.changed", .account(alias), state, reason)
        }
        publish(.session(account: alias), "auth") {
            var json = JSONWriter()
            json.beginObject()
            json.key("account")
            json.string(alias)
            json.members(of: status)
            json.key("expires_within_s")
            json.int(remaining?.secondsRoundedUp)
            json.endObject()
            return json.bytes
        }
    }

    /// Trading of an account was halted, or goes on.
    func tellOfHalt(_ alias: String, _ data: [UInt8]) { publish(.session(account: alias), "kill_switch") { data } }

    func linkChanged(_ status: LinkStatus, _ alias: String) {
        if status.state != .ready { encodedQuotes[alias] = [:] }
        log?.info(
            "session.changed", .account(alias), .link(status.name.rawValue), .state(status.state.rawValue),
            .reason(status.reason ?? "-"), .attempt(status.attempts))
        publish(.session(account: alias), "session") {
            var json = JSONWriter()
            json.beginObject()
            json.key("account")
            json.string(alias)
            json.members(of: status, now: .now())
            json.endObject()
            return json.bytes
        }
    }
}
