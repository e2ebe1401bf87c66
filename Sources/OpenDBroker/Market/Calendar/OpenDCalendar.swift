internal import BrokerModel
internal import Clocks
internal import EventLoops
internal import OpenDWire

/// The gateway's call for trading days.
///
/// - Source: Futu OpenAPI, "Get Trading Calendar": ten years back, to the end of the running year. Weekends and holidays
///   are left out; days on which the market was closed for a cause of the day, as a typhoon, are not.
@LoopActor
struct OpenDCalendar {
    let calls: any OpenDCalls

    /// The days of the range that the gateway knows.
    ///
    /// - Parameter today: the exchange's date.
    func tradingDays(
        _ market: Market, from: CivilDate, through: CivilDate, today: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> TradingDays {
        let end = min(through, CivilDate(year: today.year, month: 12, day: 31) ?? through)
        guard from <= end else {
            throw BrokerFailure(.noData, "The broker knows trading days to the end of this year.", field: "start")
        }
        var request = OpenD.QotRequestTradeDate.C2S()
        request.market = market.tradeDateMarket
        request.beginTime = from.iso
        request.endTime = end.iso
        return TradingDays(try await calls.read(request, wait: wait), from: from, through: end)
    }
}

extension TradingDays {
    /// The days of an answer that are within the range. A day of which only one half trades is a half one.
    init(_ answer: OpenD.QotRequestTradeDate.S2C, from: CivilDate, through: CivilDate) {
        var full: Set<CivilDate> = []
        var half: Set<CivilDate> = []
        for entry in answer.tradeDateList {
            guard let day = ExchangeTime.day(entry.time), day >= from, day <= through else { continue }
            if entry.tradeDateType ?? 0 == 0 { full.insert(day) } else { half.insert(day) }
        }
        self.init(full: full.subtracting(half).sorted(), half: half.sorted())
    }
}

extension Market {
    /// `TradeDateMarket`; mainland China is one.
    fileprivate var tradeDateMarket: Int32 {
        switch self {
        case .hongKong: 1
        case .unitedStates: 2
        case .shanghai, .shenzhen: 3
        case .singapore: 8
        }
    }
}
