internal import BrokerModel
internal import Bytes
internal import Clocks
internal import OpenDWire

extension CapitalFlowPoint {
    /// The minutes of a day, oldest first, as far as the gateway calls them valid; what comes behind are fillers.
    static func points(_ answer: OpenD.QotGetCapitalFlow.S2C, zone: TimeZoneRule) -> [CapitalFlowPoint] {
        let end = ExchangeTime.read(answer.lastValidTimestamp, or: answer.lastValidTime, zone: zone)
        return answer.flowItemList.compactMap { item in
            ExchangeTime.read(item.timestamp, or: item.time, zone: zone)
                .map { CapitalFlowPoint(time: $0, netInflow: gatewayFigure(item.inFlow)) }
        }
        .filter { point in end.map { point.time <= $0 } ?? true }
        .sorted { $0.time < $1.time }
    }
}

extension CapitalDistribution {
    /// The gateway's sizes are four: its largest counts with the large ones.
    init(_ answer: OpenD.QotGetCapitalDistribution.S2C, symbol: Symbol) {
        func large(_ big: Double, _ largest: Double?) -> DecimalText? {
            guard let big = gatewayFigure(big) else { return nil }
            guard let largest else { return big }
            return gatewayFigure(largest).flatMap { big.adding($0) }
        }
        self.init(
            symbol: symbol,
            time: ExchangeTime.read(answer.updateTimestamp, or: answer.updateTime, zone: symbol.market.timeZone),
            inflow: CapitalBySize(
                large: large(answer.capitalInBig, answer.capitalInSuper), medium: gatewayFigure(answer.capitalInMid),
                small: gatewayFigure(answer.capitalInSmall)),
            outflow: CapitalBySize(
                large: large(answer.capitalOutBig, answer.capitalOutSuper),
                medium: gatewayFigure(answer.capitalOutMid), small: gatewayFigure(answer.capitalOutSmall)))
    }
}
