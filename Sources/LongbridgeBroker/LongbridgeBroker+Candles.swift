public import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import LongbridgeWire

/// Running candles: each topic is seeded by a pull once trades and quotes of its security are subscribed, so that nothing
/// falls between, and built of pushes from then on.
extension LongbridgeBroker {
    /// Makes exactly these the candles that are built.
    public func setWantedCandles(_ topics: Set<CandleTopic>) {
        guard topics != wantedCandles else { return }
        wantedCandles = topics
        candlesBySymbol = Dictionary(grouping: topics) { $0.symbol }
        builders = builders.filter { topics.contains($0.key) }
        for (topic, task) in seeding where !topics.contains(topic) {
            task.cancel()
            seeding[topic] = nil
            earlyPushes[topic] = nil
        }
        updateWishes()
        seedCandles()
    }

    /// The running candle, while it is built.
    public func liveCandle(_ topic: CandleTopic) -> Received<Candle>? { builders[topic]?.latest }

    /// The subscriptions behind the candles.
    var candleSources: Set<MarketTopic> {
        Set(wantedCandles.flatMap { [MarketTopic(.quote, $0.symbol), MarketTopic(.trade, $0.symbol)] })
    }

    /// Seeds the topics whose security is subscribed by now.
    func seedCandles() {
        guard link.isReady, !wantedCandles.isEmpty else { return }
        if !candleTimer.isScheduled { candleTimer.schedule(every: .seconds(5)) }
        let confirmed = Set(plan.confirmedItems.compactMap { MarketTopic($0) })
        for topic in wantedCandles where builders[topic] == nil && seeding[topic] == nil {
            guard confirmed.contains(MarketTopic(.quote, topic.symbol)),
                confirmed.contains(MarketTopic(.trade, topic.symbol))
            else { continue }
            seeding[topic] = spawn { [weak self] in
                await self?.seed(topic)
                if !Task.isCancelled { self?.seeding[topic] = nil }
            }
        }
    }

    /// The connection is gone: everything is built anew behind the gap.
    func forgetCandles() {
        candleTimer.cancel()
        for task in seeding.values { task.cancel() }
        seeding = [:]
        builders = [:]
        earlyPushes = [:]
    }

    private func seed(_ topic: CandleTopic) async {
        while !Task.isCancelled {
            do throws(BrokerFailure) {
                let symbol = topic.symbol
                let (clock, board) = try await sessionClock(symbol)
                // What is pushed behind this answer is not in it.
                let bars = try await candles(
                    CandleRequest(symbol: symbol, interval: topic.interval, limit: 2, sessions: topic.sessions),
                    wait: .seconds(60)
                ) { [weak self] in self?.earlyPushes[topic] = [] }
                guard !Task.isCancelled else { return }
                var builder = CandleBuilder(topic, clock: clock, board: board, seed: bars)
                for push in earlyPushes.removeValue(forKey: topic) ?? [] { _ = builder.take(push) }
                if !candleTimer.isScheduled { candleTimer.schedule(every: .seconds(5)) }
                builders[topic] = LiveCandle(builder: builder, latest: builder.latest.map { Received($0, at: .now()) })
                if let latest = builders[topic]?.latest {
                    onEvent?(.candle(topic, latest.value, receivedAt: latest.at, isSnapshot: true))
                }
                return
            } catch {
                guard !Task.isCancelled else { return }
                switch error.kind {
                case .notRecorded, .sessionNotReady, .authorizationRequired, .connectionLost, .cancelled, .rateLimited,
                    .timedOut,
                    .badAnswer:
                    try? await sleep(for: error.retryAfter ?? .seconds(2))
                default:
                    onEvent?(.candleRefused(topic, error))
                    return
                }
            }
        }
    }

    /// Where candles of a security begin. What rarely changes is asked for once a day.
    private func sessionClock(_ symbol: Symbol) async throws(BrokerFailure) -> (SessionClock, board: String?) {
        let market = symbol.market
        let today = market.timeZone.civil(at: .now()).date
        if boards[symbol] == nil {
            boards[symbol] = try await instruments([symbol], wait: .seconds(60)).values[symbol]?.board ?? ""
        }
        if toldHours[market] == nil { _ = try await marketHours(wait: .seconds(60)) }
        if halfDays[market]?.asked != today {
            let days = try await tradingDays(
                market, from: today.adding(days: -1), through: today.adding(days: 14), wait: .seconds(60))
            halfDays[market] = (today, days.half)
        }
        let board = boards[symbol]
        return (
            SessionClock(market, board: board, told: toldHours[market], halfDays: halfDays[market]?.days ?? []), board
        )
    }

    // MARK: Pushes

    func buildCandles(of symbol: Symbol, trades: [BrokerModel.Trade]) {
        built(.trades(trades), of: symbol)
    }

    /// - Parameter push: about the regular session.
    func buildCandles(of quote: Quote, push: Longbridge.Quote.PushQuote) {
        built(
            .quote(
                quote, volume: DecimalText(push.currentVolume), turnover: decimal(push.currentTurnover) ?? .zero),
            of: quote.symbol)
    }

    private func built(_ push: CandleBuilder.Push, of symbol: Symbol) {
        guard let topics = candlesBySymbol[symbol] else { return }
        for topic in topics {
            earlyPushes[topic]?.append(push)
            if builders[topic] != nil { tell(topic) { $0.take(push) } }
        }
    }

    /// Time has passed: candles end also where nothing trades.
    func endCandles() {
        guard !builders.isEmpty else { return candleTimer.cancel() }
        for topic in builders.keys { tell(topic) { $0.finish(at: .now()) } }
    }

    private func tell(_ topic: CandleTopic, _ take: (inout CandleBuilder) -> [Candle]) {
        guard var live = builders[topic] else { return }
        let candles = take(&live.builder)
        guard !candles.isEmpty else {
            builders[topic] = live
            return
        }
        let now = WallTime.now()
        live.latest = live.builder.latest.map { Received($0, at: now) }
        builders[topic] = live
        for candle in candles { onEvent?(.candle(topic, candle, receivedAt: now, isSnapshot: false)) }
    }
}

/// A candle under construction.
struct LiveCandle {
    var builder: CandleBuilder
    var latest: Received<Candle>?
}
