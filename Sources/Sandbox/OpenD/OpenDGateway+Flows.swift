internal import Clocks
internal import OpenDWire

/// Flows of money: what rose brought it in, what fell took it out.
extension OpenDGateway {
    func capitalFlow(_ c2s: OpenD.QotGetCapitalFlow.C2S) throws(GatewayRefusal) -> OpenD.QotGetCapitalFlow.S2C {
        let view = try flowing(c2s.security)
        let zone = view.instrument.zone
        var answer = OpenD.QotGetCapitalFlow.S2C()
        let period: CandlePeriod
        switch c2s.periodType ?? 1 {
        case 0, 1:
            var total: Int64 = 0
            for minute in view.listing.regular?.minutes ?? [] {
                let bar = view.bar(minute)
                total += bar.inflow
                answer.flowItemList.append(OpenDGateway.item(total, bar.start, zone, isPast: false))
            }
            if let at = view.figures?.at {
                answer.lastValidTime = GatewayTime.text(at, zone)
                answer.lastValidTimestamp = GatewayTime.stamp(at)
            }
            return answer
        case 2: period = .day
        case 3: period = .week
        case 4: period = .month
        default: throw .invalid("periodType")
        }
        guard let begin = GatewayTime.parse(c2s.beginTime ?? "", zone),
            let end = GatewayTime.parse(c2s.endTime ?? "", zone, isEnd: true), begin <= end
        else { throw .invalid("beginTime or endTime") }
        let candles = SimulatedCandles(listing: view.listing, period: period, includesExtended: false, now: now)
        let bars = candles.bars(CandleRange(from: begin, through: end, count: 1000)).map(view.bar)
        answer.flowItemList = bars.map { OpenDGateway.item($0.inflow / 10, $0.start, zone, isPast: true) }
        return answer
    }

    private func flowing(_ security: OpenD.QotCommon.Security) throws(GatewayRefusal) -> GatewayView {
        let view = try view(security)
        switch view.instrument.kind {
        case .share, .warrant: return view
        case .index, .future, .option: throw .invalid("security")
        }
    }

    /// The parts of a flow, by the size of orders, in percent.
    private static let parts: [Int64] = [40, 25, 20, 15]

    private static func item(
        _ flow: Int64, _ time: WallTime, _ zone: TimeZoneRule, isPast: Bool
    ) -> OpenD.QotGetCapitalFlow.CapitalFlowItem {
        let large = flow / 100 * parts[0]
        let big = flow / 100 * parts[1]
        let middle = flow / 100 * parts[2]
        var item = OpenD.QotGetCapitalFlow.CapitalFlowItem()
        item.inFlow = GatewayView.amount(flow)
        item.time = GatewayTime.text(time, zone)
        item.timestamp = GatewayTime.stamp(time)
        item.superInFlow = GatewayView.amount(large)
        item.bigInFlow = GatewayView.amount(big)
        item.midInFlow = GatewayView.amount(middle)
        item.smlInFlow = GatewayView.amount(flow - large - big - middle)
        if isPast { item.mainInFlow = GatewayView.amount(large + big) }
        return item
    }

    func capitalDistribution(_ c2s: OpenD.QotGetCapitalDistribution.C2S) throws(GatewayRefusal)
        -> OpenD.QotGetCapitalDistribution.S2C
    {
        let view = try flowing(c2s.security)
        var coming: Int64 = 0
        var going: Int64 = 0
        for minute in view.listing.regular?.minutes ?? [] {
            let flow = view.bar(minute).inflow
            if flow > 0 { coming += flow } else { going -= flow }
        }
        func part(_ amount: Int64, _ index: Int) -> Double {
            GatewayView.amount(amount / 100 * OpenDGateway.parts[index])
        }
        var answer = OpenD.QotGetCapitalDistribution.S2C()
        answer.capitalInSuper = part(coming, 0)
        answer.capitalInBig = part(coming, 1)
        answer.capitalInMid = part(coming, 2)
        answer.capitalInSmall = part(coming, 3)
        answer.capitalOutSuper = part(going, 0)
        answer.capitalOutBig = part(going, 1)
        answer.capitalOutMid = part(going, 2)
        answer.capitalOutSmall = part(going, 3)
        if let at = view.figures?.at {
            answer.updateTime = GatewayTime.text(at, view.instrument.zone)
            answer.updateTimestamp = GatewayTime.stamp(at)
        }
        return answer
    }
}

extension SimulatedBar {
    fileprivate var inflow: Int64 { close > open ? turnover : close < open ? -turnover : 0 }
}
