internal import BrokerModel
internal import Bytes
internal import OpenDWire

extension FutureContract {
    /// `nil` for a market that is none of ours.
    init?(_ info: OpenD.QotGetFutureInfo.FutureInfo) {
        guard let symbol = Symbol(info.security) else { return nil }
        self.init(symbol: symbol)
        name = Self.told(info.name)
        contract = info.origin.flatMap { Symbol($0) }
        underlying = info.owner.flatMap { Symbol($0) }
        underlyingName = Self.told(info.ownerOther)
        exchange = Self.told(info.exchange)
        type = Self.told(info.contractType)
        contractSize = DecimalText(double: info.contractSize)
        contractSizeUnit = Self.told(info.contractSizeUnit)
        currency = Self.told(info.quoteCurrency)
        tickSize = DecimalText(double: info.minVar)
        tickSizeUnit = Self.told(info.minVarUnit)
        quoteUnit = info.quoteUnit.flatMap { Self.told($0) }
        lastTradeAt = ExchangeTime.read(
            info.lastTradeTimestamp, or: info.lastTradeTime, zone: symbol.market.timeZone)
        timeZone = Self.told(info.timeZone)
        sessions = info.tradeTime.compactMap { time in
            guard let begin = Self.minutes(time.begin), let end = Self.minutes(time.end), begin < end else {
                return nil
            }
            return Session(begin: begin, end: end)
        }
    }

    private static func told(_ text: String) -> String? { text.isEmpty ? nil : text }

    /// Up to two days.
    private static func minutes(_ value: Double?) -> Int? {
        guard let value, value >= 0, value <= 2880 else { return nil }
        return Int(value.rounded())
    }
}
