internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

/// The gateway's bars as candles. Its minute bars are dated at their end, ours at their start.
///
/// - Source: `futu-opend`, `Qot_Common.KLine`: the end is what clients take it to be; the gateway does not say.
struct CandleReader {
    let interval: CandleInterval
    let sessions: SessionFilter
    let market: Market
    let now: WallTime
    var rule = SessionRule()

    /// Candles oldest first; blank bars and, with `.regular`, those of extended hours are left out.
    func candles(_ bars: [OpenD.QotCommon.KLine]) -> [Candle] {
        var candles: [Candle] = []
        var previousEnd: WallTime?
        for bar in bars {
            guard let read = candle(bar, after: previousEnd) else { continue }
            previousEnd = read.end
            if let candle = read.candle { candles.append(candle) }
        }
        return candles.sorted { $0.start < $1.start }
    }

    private func candle(
        _ bar: OpenD.QotCommon.KLine, after previous: WallTime?
    ) -> (candle: Candle?, end: WallTime)? {
        let zone = market.timeZone
        guard let dated = ExchangeTime.read(bar.timestamp, or: bar.time, zone: zone) else { return nil }
        let start: WallTime
        let end: WallTime
        if let minutes = interval.minutes {
            end = dated
            let whole = dated + .seconds(-60 * minutes)
            // The last bar before a break is shorter than the others: it begins where the one before ends.
            start = previous.map { $0 > whole && $0 < dated ? $0 : whole } ?? whole
        } else {
            let day = interval.firstDay(of: zone.civil(at: dated).date)
            start = zone.wallTime(day, secondOfDay: 0)
            end = interval.end(ofCandleAt: start, zone: zone)
        }
        guard !bar.isBlank else { return (nil, end) }
        let session = rule.session(at: start, market: market)
        if interval.minutes != nil, sessions == .regular, session != .regular { return (nil, end) }
        var candle = Candle(start: start, isFinal: end <= now)
        candle.open = gatewayPrice(bar.openPrice)
        candle.high = gatewayPrice(bar.highPrice)
        candle.low = gatewayPrice(bar.lowPrice)
        candle.close = gatewayPrice(bar.closePrice)
        candle.volume = gatewayVolume(bar.volume, bar.hpVolume)
        candle.turnover = gatewayFigure(bar.turnover)
        candle.session = interval.minutes == nil ? .regular : session
        return (candle, end)
    }
}
