internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension NewIssue {
    /// `nil` for a market that is none of ours. Each market tells things of its own.
    init?(_ issue: OpenD.QotGetIpoList.IpoData) {
        guard let symbol = Symbol(issue.basic.security) else { return nil }
        self.init(symbol: symbol)
        name = issue.basic.name.isEmpty ? nil : issue.basic.name
        listedOn = issue.basic.listTime.flatMap { ExchangeTime.day($0) }
        let zone = symbol.market.timeZone
        if let china = issue.cnExData { take(china, zone) }
        if let hongKong = issue.hkExData { take(hongKong, zone) }
        if let states = issue.usExData {
            range(states.ipoPriceMin, states.ipoPriceMax)
            issueSize = DecimalText(states.issueSize)
        }
        if let singapore = issue.sgExData {
            range(singapore.ipoPriceMin, singapore.ipoPriceMax)
            issueSize = DecimalText(singapore.issueSize)
            opensAt = ExchangeTime.read(singapore.applyStartTimestamp, or: singapore.applyStartTime, zone: zone)
            closesAt = ExchangeTime.read(singapore.applyEndTimestamp, or: singapore.applyEndTime, zone: zone)
            allottedAt = ExchangeTime.read(singapore.winningTimestamp, or: singapore.winningTime, zone: zone)
        }
    }

    private mutating func take(_ china: OpenD.QotGetIpoList.CNIpoExData, _ zone: TimeZoneRule) {
        price = Self.positive(china.ipoPrice)
        isPriceEstimated = china.isEstimateIpoPrice
        issueSize = DecimalText(china.issueSize)
        publicSize = DecimalText(china.onlineIssueSize)
        applicationLimit = DecimalText(china.applyUpperLimit)
        applicationCode = china.applyCode.isEmpty ? nil : china.applyCode
        allotmentPercent = Self.positive(china.winningRatio)
        priceEarnings = Self.positive(china.issuePeRate)
        industryPriceEarnings = Self.positive(china.industryPeRate)
        closesAt = ExchangeTime.read(china.applyTimestamp, or: china.applyTime, zone: zone)
        allottedAt = ExchangeTime.read(china.winningTimestamp, or: china.winningTime, zone: zone)
    }

    private mutating func take(_ hongKong: OpenD.QotGetIpoList.HKIpoExData, _ zone: TimeZoneRule) {
        range(hongKong.ipoPriceMin, hongKong.ipoPriceMax)
        price = Self.positive(hongKong.listPrice)
        lotSize = hongKong.lotSize > 0 ? Int64(hongKong.lotSize) : nil
        entryAmount = Self.positive(hongKong.entrancePrice)
        isOpen = hongKong.isSubscribeStatus
        closesAt = ExchangeTime.read(hongKong.applyEndTimestamp, or: hongKong.applyEndTime, zone: zone)
    }

    private mutating func range(_ minimum: Double, _ maximum: Double) {
        priceMinimum = Self.positive(minimum)
        priceMaximum = Self.positive(maximum)
    }

    /// The gateway writes 0 for what is not known yet.
    private static func positive(_ value: Double) -> DecimalText? { value > 0 ? DecimalText(double: value) : nil }
}
