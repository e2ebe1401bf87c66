internal import Clocks
internal import OpenDWire

/// What does not change about an instrument during a day, as the gateway's messages have it.
extension GatewayInstrument {
    /// A number of its own; nothing else means it.
    private var id: Int64 { Int64(PricePath.hash(code.text) % (1 << 40)) }

    func staticInfo(at now: WallTime) -> OpenD.QotCommon.SecurityStaticInfo {
        let today = zone.civil(at: now).date
        var info = OpenD.QotCommon.SecurityStaticInfo()
        info.basic.security = code.message
        info.basic.id = id
        info.basic.lotSize = Int32(clamping: lotSize)
        info.basic.secType = type
        info.basic.name = name(today)
        info.basic.listTime = market.firstDay.iso
        info.basic.listTimestamp = GatewayTime.stamp(zone.wallTime(market.firstDay, secondOfDay: 0))
        info.basic.delisting = false
        info.basic.exchType = exchange
        switch kind {
        case .share, .index: break
        case .future(let lastDay): info.futureExData = future(lastDay)
        case .option(let option): info.optionExData = GatewayInstrument.option(option)
        case .warrant(let warrant):
            var data = OpenD.QotCommon.WarrantStaticExData()
            data.type = warrant.kind.gatewayNumber
            data.owner = GatewayCode(warrant.underlying).message
            info.warrantExData = data
        }
        return info
    }

    /// Whether it is the continuous contract.
    var isContinuous: Bool { code.code.hasSuffix("main") }

    private func future(_ lastDay: CivilDate) -> OpenD.QotCommon.FutureStaticExData {
        var data = OpenD.QotCommon.FutureStaticExData()
        data.isMainContract = isContinuous
        guard !isContinuous else { return data }
        data.lastTradeTime = lastDay.iso
        data.lastTradeTimestamp = GatewayTime.stamp(zone.wallTime(lastDay, secondOfDay: 0))
        return data
    }

    private static func option(_ option: SimulatedOption) -> OpenD.QotCommon.OptionStaticExData {
        var data = OpenD.QotCommon.OptionStaticExData()
        data.type = option.isCall ? 1 : 2
        data.owner = GatewayCode(option.underlying).message
        data.strikeTime = option.expiry.iso
        data.strikeTimestamp = GatewayTime.stamp(TimeZoneRule.newYork.wallTime(option.expiry, secondOfDay: 0))
        data.strikePrice = GatewayView.amount(option.strike)
        data.suspend = false
        data.market = "US"
        data.optionStandardType = 1
        data.optionSettlementMode = 2
        return data
    }
}
