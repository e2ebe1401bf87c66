internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Whole answers from memory, until the next push.
extension StreamHub {
    /// The answer given to the same question since the last push of any broker.
    func answer(_ question: Question) -> HTTPResponse? { answers[question] }

    /// Rights have changed.
    func forgetAnswers() { answers = [:] }

    /// Keeps an answer until the next push; at most 1024.
    func keep(_ response: HTTPResponse, for question: Question) {
        if answers.count >= 1024 { answers.removeAll(keepingCapacity: true) }
        answers[question] = response
    }

    /// The whole answer to a read of securities that are all live; `nil` if any is not. Each quote is encoded once for
    /// all readers, until the next push.
    func liveQuotes(_ broker: any Broker, _ symbols: [Symbol]) -> [UInt8]? {
        let alias = broker.account.alias
        var json = JSONWriter(capacity: 640 * symbols.count + 256)
        var oldest: WallTime?
        var asOf: WallTime?
        json.beginObject()
        json.key("data")
        json.beginArray()
        for symbol in symbols {
            if let known = encodedQuotes[alias]?[symbol] {
                json.raw(known.body)
                oldest = min(oldest ?? known.at, known.at)
                asOf = known.asOf.map { min(asOf ?? $0, $0) } ?? asOf
                continue
            }
            guard let live = broker.liveQuote(symbol) else { return nil }
            var quote = JSONWriter(capacity: 640)
            quote.beginObject()
            quote.members(of: live.value)
            quote.endObject()
            encodedQuotes[alias, default: [:]][symbol] = (quote.bytes, live.at, live.value.timestamp)
            json.raw(quote.bytes)
            oldest = min(oldest ?? live.at, live.at)
            asOf = live.value.timestamp.map { min(asOf ?? $0, $0) } ?? asOf
        }
        guard let oldest else { return nil }
        json.endArray()
        json.key("next_cursor")
        json.null()
        json.key("errors")
        json.beginArray()
        json.endArray()
        json.meta(broker, asOf: asOf, at: oldest, source: "push")
        json.endObject()
        return json.bytes
    }
}
