internal import Clocks
internal import OpenDWire

/// A share that is about to be listed. Made up, always a week ahead.
struct SimulatedOffering: Sendable {
    let market: SimulatedMarket
    let code: GatewayCode
    let name: String
    /// In thousandths.
    let price: ClosedRange<Int64>
    let lotSize: Int64
    let size: Int64

    static let all: [SimulatedOffering] = [
        SimulatedOffering(
            market: .hongKong, code: GatewayCode(GatewayCode.hongKong, "09876"), name: "HARBOUR ROBOTICS",
            price: 18_000...21_500, lotSize: 200, size: 45_000_000),
        SimulatedOffering(
            market: .unitedStates, code: GatewayCode(GatewayCode.unitedStates, "ORBT"), name: "Orbital Foundry",
            price: 24_000...27_000, lotSize: 1, size: 12_000_000),
        SimulatedOffering(
            market: .mainland, code: GatewayCode(GatewayCode.shanghai, "688901"), name: "Huaxin Sensors",
            price: 32_550...32_550, lotSize: 500, size: 30_000_000),
    ]

    func message(at now: WallTime) -> OpenD.QotGetIpoList.IpoData {
        let zone = market.zone
        let today = zone.civil(at: now).date
        var day = today.adding(days: 7)
        while !TradingCalendar.isTrading(market, day) { day = day.adding(days: 1) }
        let closes = today.adding(days: 3)
        let least = GatewayView.amount(price.lowerBound)
        let most = GatewayView.amount(price.upperBound)
        var data = OpenD.QotGetIpoList.IpoData()
        data.basic.security = code.message
        data.basic.name = name
        data.basic.listTime = day.iso
        data.basic.listTimestamp = GatewayTime.stamp(zone.wallTime(day, secondOfDay: 0))
        switch market {
        case .hongKong:
            var extra = OpenD.QotGetIpoList.HKIpoExData()
            extra.ipoPriceMin = least
            extra.ipoPriceMax = most
            extra.listPrice = 0
            extra.lotSize = Int32(clamping: lotSize)
            extra.entrancePrice = GatewayView.amount(price.upperBound * lotSize * 101 / 100)
            extra.isSubscribeStatus = true
            extra.applyEndTime = closes.iso
            extra.applyEndTimestamp = GatewayTime.stamp(zone.wallTime(closes, secondOfDay: 0))
            data.hkExData = extra
        case .unitedStates:
            var extra = OpenD.QotGetIpoList.USIpoExData()
            extra.ipoPriceMin = least
            extra.ipoPriceMax = most
            extra.issueSize = size
            data.usExData = extra
        case .mainland, .singapore:
            var extra = OpenD.QotGetIpoList.CNIpoExData()
            extra.applyCode = "787901"
            extra.issueSize = size
            extra.onlineIssueSize = size / 3
            extra.applyUpperLimit = 8500
            extra.applyLimitMarketValue = 85_000
            extra.isEstimateIpoPrice = true
            extra.ipoPrice = most
            extra.industryPeRate = 34.21
            extra.isEstimateWinningRatio = false
            extra.winningRatio = 0.0312
            extra.issuePeRate = 41.5
            extra.applyTime = closes.iso
            extra.applyTimestamp = GatewayTime.stamp(zone.wallTime(closes, secondOfDay: 0))
            extra.isHasWon = false
            data.cnExData = extra
        }
        return data
    }
}
