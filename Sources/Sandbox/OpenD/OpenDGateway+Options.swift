internal import Clocks
internal import OpenDWire

/// Expirations and chains of options.
extension OpenDGateway {
    private func underlying(_ security: OpenD.QotCommon.Security) throws(GatewayRefusal) -> SimulatedSecurity {
        let instrument = try instrument(security)
        switch instrument.kind {
        case .share, .index: return instrument.source
        case .future, .option, .warrant: throw .invalid("owner")
        }
    }

    func optionExpirations(_ c2s: OpenD.QotGetOptionExpirationDate.C2S) throws(GatewayRefusal)
        -> OpenD.QotGetOptionExpirationDate.S2C
    {
        let underlying = try underlying(c2s.owner)
        let today = underlying.market.zone.civil(at: now).date
        var answer = OpenD.QotGetOptionExpirationDate.S2C()
        answer.dateList = OptionCalendar.expirations(underlying, today: today).map { day in
            var date = OpenD.QotGetOptionExpirationDate.OptionExpirationDate()
            date.strikeTime = day.iso
            date.strikeTimestamp = GatewayTime.stamp(underlying.market.zone.wallTime(day, secondOfDay: 0))
            date.optionExpiryDateDistance = Int32(clamping: day.daysSinceEpoch - today.daysSinceEpoch)
            return date
        }
        return answer
    }

    func optionChain(_ c2s: OpenD.QotGetOptionChain.C2S) throws(GatewayRefusal) -> OpenD.QotGetOptionChain.S2C {
        let underlying = try underlying(c2s.owner)
        guard let begin = GatewayTime.day(c2s.beginTime.prefix(10)), let end = GatewayTime.day(c2s.endTime.prefix(10)),
            begin <= end
        else { throw .invalid("beginTime or endTime") }
        guard end.daysSinceEpoch - begin.daysSinceEpoch <= 30 else {
            throw GatewayRefusal("The span of an option chain must not exceed 30 days")
        }
        let today = underlying.market.zone.civil(at: now).date
        let spot = exchange?.listing(underlying.symbol)?.regular?.last ?? underlying.price
        var answer = OpenD.QotGetOptionChain.S2C()
        for day in OptionCalendar.expirations(underlying, today: today) where day >= begin && day <= end {
            var chain = OpenD.QotGetOptionChain.OptionChain()
            chain.strikeTime = day.iso
            chain.strikeTimestamp = GatewayTime.stamp(underlying.market.zone.wallTime(day, secondOfDay: 0))
            for strike in OptionCalendar.strikes(underlying) {
                var item = OpenD.QotGetOptionChain.OptionItem()
                item.call = contract(underlying, day, isCall: true, strike, spot, c2s)
                item.put = contract(underlying, day, isCall: false, strike, spot, c2s)
                if item.call != nil || item.put != nil { chain.option.append(item) }
            }
            answer.optionChain.append(chain)
        }
        return answer
    }

    private func contract(
        _ underlying: SimulatedSecurity, _ day: CivilDate, isCall: Bool, _ strike: Int64, _ spot: Int64,
        _ c2s: OpenD.QotGetOptionChain.C2S
    ) -> OpenD.QotCommon.SecurityStaticInfo? {
        if let type = c2s.type, type != 0, (type == 1) != isCall { return nil }
        let isInside = isCall ? strike < spot : strike > spot
        if let condition = c2s.condition, condition != 0, (condition == 1) != isInside { return nil }
        let option = SimulatedOption(underlying, day, isCall: isCall, strike: strike)
        let instrument = GatewayInstrument(option)
        if let filter = c2s.dataFilter {
            guard let view = view(instrument), filter.admits(option, view) else { return nil }
        }
        return instrument.staticInfo(at: now)
    }
}

extension OpenD.QotGetOptionChain.DataFilter {
    fileprivate func admits(_ option: SimulatedOption, _ view: GatewayView) -> Bool {
        let figures = OptionFigures(option, view)
        let open = Double(option.openInterest)
        let bounds: [(value: Double, least: Double?, most: Double?)] = [
            (figures.volatility, impliedVolatilityMin, impliedVolatilityMax), (figures.delta, deltaMin, deltaMax),
            (figures.gamma, gammaMin, gammaMax), (figures.vega, vegaMin, vegaMax),
            (figures.theta, thetaMin, thetaMax), (figures.rho, rhoMin, rhoMax),
            (open, openInterestMin, openInterestMax),
            ((open / 10).rounded(.down), netOpenInterestMin, netOpenInterestMax),
            (Double(view.figures?.volume ?? 0), volMin, volMax),
        ]
        return bounds.allSatisfy { $0.value >= $0.least ?? -.infinity && $0.value <= $0.most ?? .infinity }
    }
}
