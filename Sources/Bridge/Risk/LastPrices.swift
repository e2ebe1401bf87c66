internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops

/// The last prices that rules of risk are judged by: what is pushed if it is, else a call that all who wait share.
@LoopActor
final class LastPrices {
    private var known: [String: (price: DecimalText?, at: Instant)] = [:]
    private var asking: [String: Completion<DecimalText?>] = [:]

    /// A price that was asked for serves so long.
    private static let life = Duration.seconds(1)
    /// Securities kept; when more come, all are let go.
    private static let bound = 1000

    /// `nil` where nobody tells it in time, or it is not above zero.
    func last(_ symbol: Symbol, of broker: any Broker, wait: Duration) async -> DecimalText? {
        if let live = broker.liveQuote(symbol) { return LastPrices.price(live.value) }
        let key = "\(broker.account.alias)/\(symbol.text)"
        if let entry = known[key], Instant.now() - entry.at < LastPrices.life { return entry.price }
        let answer: Completion<DecimalText?>
        if let running = asking[key] {
            answer = running
        } else {
            answer = Completion()
            asking[key] = answer
            spawn { [self] in
                var price: DecimalText?
                do throws(BrokerFailure) {
                    price = try await broker.quotes([symbol], wait: wait).values[symbol].flatMap(LastPrices.price)
                } catch {}
                asking[key] = nil
                if known.count >= LastPrices.bound { known = [:] }
                if price != nil { known[key] = (price, .now()) }
                answer.resolve(price)
            }
        }
        do throws(CancellationError) { return try await answer.value() } catch { return nil }
    }

    /// The newest of the sessions' prices.
    nonisolated static func price(_ quote: Quote) -> DecimalText? {
        var newest = (price: quote.last, at: quote.timestamp)
        for session in [quote.preMarket, quote.postMarket, quote.overnight] {
            guard let session, let last = session.last, let time = session.timestamp else { continue }
            if newest.price == nil || newest.at.map({ time > $0 }) ?? false { newest = (last, time) }
        }
        return newest.price.flatMap { $0 > .zero ? $0 : nil }
    }
}
