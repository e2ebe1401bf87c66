import BrokerModel
import Bytes
import Clocks
import LongbridgeWire
import Protobuf
import Testing

@testable import LongbridgeBroker

/// Whatever a broker's message holds, mapping it gives values or nothing, and never a trap.
@Suite struct NonsenseMappingTests {
    typealias Wire = Longbridge.Quote

    /// Bytes that are often a message: tags of low numbers, extreme varints, texts that are nearly decimals or dates.
    private func noise(_ random: inout SplitMix64, depth: Int = 0) -> [UInt8] {
        let texts = [
            "", "0", "-1.5", "99999999999999999999999999999999999999", "20261399", "20261218", "1e5", "NaN", "700.HK",
            "AAPL261218C230000.US", "X261218C99999999.US", "CN", "HK", "Bull", "\u{0}",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<(1 + random.next() % 12) {
            let field = UInt8(1 + random.next() % 15)
            if random.next().isMultiple(of: 2) {
                bytes.append(field << 3)
                let value: UInt64 = [0, 1, 5, 2400, 100_000, .max, 1 << 63, UInt64(Int64.max)][Int(random.next() % 8)]
                var rest = value
                repeat {
                    bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
                    rest >>= 7
                } while rest > 0
            } else {
                let inner =
                    random.next() % 3 == 0 && depth < 2
                    ? noise(&random, depth: depth + 1) : Array(texts[Int(random.next() % 15)].utf8)
                guard inner.count < 128 else { continue }
                bytes += [field << 3 | 2, UInt8(inner.count)] + inner
            }
        }
        return bytes
    }

    private func decoded<M: Message>(_ bytes: [UInt8], _: M.Type = M.self) -> M? { try? M.decode(bytes) }

    @Test(arguments: 0..<20) func nothingTraps(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let symbol = try symbol("AAPL261218C230000.US")
        var mapped = 0
        for _ in 0..<2000 {
            let bytes = noise(&random)
            if let answer = decoded(bytes, Wire.SecurityCalcIndex.self) {
                mapped += IndicatorValues(answer, symbol: symbol, fields: Indicator.allCases).values.count
            }
            if let quote = decoded(bytes, Wire.OptionQuote.self) { _ = OptionQuote(quote, symbol: symbol) }
            if let quote = decoded(bytes, Wire.WarrantQuote.self) { _ = WarrantQuote(quote, symbol: symbol) }
            if let row = decoded(bytes, Wire.FilterWarrant.self) { _ = WarrantRow(row) }
            if let row = decoded(bytes, Wire.StrikePriceInfo.self) { _ = OptionChainRow(row) }
            if let entry = decoded(bytes, Wire.MarketTradePeriod.self) {
                for hours in MarketHours.list(entry) {
                    for kind in TradingDayKind.allCases { _ = hours.on(kind) }
                    _ = MarketState(hours, TradingDays(), at: WallTime(seconds: 1_795_140_900))
                    _ = SessionClock(hours.market, board: nil, told: hours, halfDays: [])
                }
            }
            if let profile = decoded(bytes, Wire.UserQuoteProfileResponse.self) { _ = QuotePermissions(profile) }
            if let answer = decoded(bytes, Wire.CapitalDistributionResponse.self) {
                _ = CapitalDistribution(answer, symbol: symbol)
            }
            if let push = decoded(bytes, Wire.PushBrokers.self) {
                var merger = QueueMerger()
                _ = merger.merge(push)
                _ = BrokerQueue(merger, symbol: symbol, names: [:])
            }
            if let bar = decoded(bytes, Wire.Candlestick.self), let candle = Candle(bar, isFinal: true) {
                for interval in CandleInterval.allCases {
                    _ = interval.end(ofCandleAt: candle.start, zone: .newYork)
                }
                var builder = CandleBuilder(
                    CandleTopic(symbol: symbol, interval: .oneMinute),
                    clock: SessionClock(.unitedStates, board: nil, told: nil, halfDays: []), board: nil, seed: [candle])
                if let trade = decoded(bytes, Wire.Trade.self).flatMap({ BrokerModel.Trade($0) }) {
                    _ = builder.take([trade, trade])
                }
                _ = builder.finish(at: candle.start)
            }
        }
        #expect(mapped > 0)
    }
}
