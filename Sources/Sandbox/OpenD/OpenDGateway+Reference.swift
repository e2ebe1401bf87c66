internal import Clocks
internal import OpenDWire
internal import Protobuf

/// Lists of securities, plates, futures, offerings and dividends.
extension OpenDGateway {
    func answerReference(_ request: GatewayRequest) throws(GatewayRefusal) -> (any Message)? {
        switch request.id {
        case 3105: return try rehabs(try request.read())
        case 3202: return try staticInfo(try request.read())
        case 3204: return try plateSet(try request.read())
        case 3205: return try plateMembers(try request.read())
        case 3206: return try references(try request.read())
        case 3207: return try ownerPlates(try request.read())
        case 3217: return try offerings(try request.read())
        case 3218: return try futures(try request.read())
        case 3219: return try tradeDates(try request.read())
        case 3223: return try marketStates(try request.read())
        default: return nil
        }
    }

    private func staticInfo(_ c2s: OpenD.QotGetStaticInfo.C2S) throws(GatewayRefusal) -> OpenD.QotGetStaticInfo.S2C {
        var answer = OpenD.QotGetStaticInfo.S2C()
        guard c2s.securityList.isEmpty else {
            guard c2s.securityList.count <= 2000 else { throw .tooMany }
            for security in c2s.securityList {
                if let plate = SimulatedPlate.byCode[security.code] {
                    answer.staticInfoList.append(staticInfo(plate))
                } else {
                    answer.staticInfoList.append(try instrument(security).staticInfo(at: now))
                }
            }
            return answer
        }
        guard let market = c2s.market, let type = c2s.secType else { throw .invalid("market or secType") }
        guard let simulated = GatewayCode(market, "").simulated else { throw .invalid("market") }
        if type == 7 {
            answer.staticInfoList = SimulatedPlate.all.filter { $0.market == simulated }.map(staticInfo)
            return answer
        }
        let all = listed(simulated).filter { $0.type == type && $0.code.market == GatewayCode(market, "").market }
        answer.staticInfoList = all.map { $0.staticInfo(at: now) }
        return answer
    }

    /// Everything of a market but its options, of which there are too many.
    private func listed(_ market: SimulatedMarket) -> [GatewayInstrument] {
        var all = SimulatedSecurity.all.filter { $0.market == market }.map { GatewayInstrument($0) }
        guard market == .hongKong else { return all }
        all += SimulatedWarrant.all.map { GatewayInstrument($0) }
        let today = market.zone.civil(at: now).date
        all += SimulatedFuture.codes(today).compactMap {
            GatewayInstrument(GatewayCode(GatewayCode.hongKong, $0), at: now)
        }
        return all
    }

    // MARK: Plates

    private func code(_ plate: SimulatedPlate) -> OpenD.QotCommon.Security {
        let market =
            switch plate.market {
            case .hongKong: GatewayCode.hongKong
            case .unitedStates: GatewayCode.unitedStates
            case .mainland: GatewayCode.shanghai
            case .singapore: GatewayCode.singapore
            }
        return GatewayCode(market, plate.code).message
    }

    private func staticInfo(_ plate: SimulatedPlate) -> OpenD.QotCommon.SecurityStaticInfo {
        var info = OpenD.QotCommon.SecurityStaticInfo()
        info.basic.security = code(plate)
        info.basic.id = Int64(PricePath.hash(plate.code) % (1 << 40))
        info.basic.secType = 7
        info.basic.name = plate.name
        info.basic.listTime = plate.market.firstDay.iso
        return info
    }

    private func info(_ plate: SimulatedPlate) -> OpenD.QotCommon.PlateInfo {
        var info = OpenD.QotCommon.PlateInfo()
        info.plate = code(plate)
        info.name = plate.name
        return info
    }

    private func plateSet(_ c2s: OpenD.QotGetPlateSet.C2S) throws(GatewayRefusal) -> OpenD.QotGetPlateSet.S2C {
        // Shanghai and Shenzhen are one market here, and so they are in the simulation.
        guard let market = GatewayCode(c2s.market, "").simulated, (0...4).contains(c2s.plateSetType) else {
            throw .invalid("market or plateSetType")
        }
        var answer = OpenD.QotGetPlateSet.S2C()
        answer.plateInfoList = SimulatedPlate.all
            .filter { $0.market == market && (c2s.plateSetType == 0 || $0.kind.rawValue == c2s.plateSetType) }
            .map(info)
        return answer
    }

    private func plateMembers(_ c2s: OpenD.QotGetPlateSecurity.C2S) throws(GatewayRefusal)
        -> OpenD.QotGetPlateSecurity.S2C
    {
        guard let plate = SimulatedPlate.byCode[c2s.plate.code] else { throw .unknown(GatewayCode(c2s.plate)) }
        var members = plate.members.compactMap { SimulatedSecurity.bySymbol[$0] }.map { GatewayInstrument($0) }
        let isAscending = c2s.ascend ?? true
        let key: (GatewayInstrument) -> Double
        switch c2s.sortField ?? 1 {
        case 0, 1:
            members.sort { isAscending ? $0.code.code < $1.code.code : $0.code.code > $1.code.code }
            key = { _ in 0 }
        case 2: key = { [weak self] in Double(self?.figures($0)?.last ?? 0) }
        case 3: key = { [weak self] in self?.figures($0).map { Double($0.last - $0.previousClose) } ?? 0 }
        case 4: key = { [weak self] in self?.figures($0)?.changeRate ?? 0 }
        case 10: key = { [weak self] in Double(self?.figures($0)?.volume ?? 0) }
        case 11: key = { [weak self] in Double(self?.figures($0)?.turnover ?? 0) }
        case 51: key = { [weak self] in Double(self?.figures($0)?.last ?? 0) * Double($0.source.millionShares) }
        default: throw .invalid("sortField")
        }
        if (c2s.sortField ?? 1) > 1 {
            let keyed = members.map { ($0, key($0)) }
            members = keyed.sorted { isAscending ? $0.1 < $1.1 : $0.1 > $1.1 }.map(\.0)
        }
        var answer = OpenD.QotGetPlateSecurity.S2C()
        answer.staticInfoList = members.map { $0.staticInfo(at: now) }
        return answer
    }

    private func figures(_ instrument: GatewayInstrument) -> GatewayView.Figures? { view(instrument)?.figures }

    private func ownerPlates(_ c2s: OpenD.QotGetOwnerPlate.C2S) throws(GatewayRefusal) -> OpenD.QotGetOwnerPlate.S2C {
        guard c2s.securityList.count <= 200 else { throw .tooMany }
        var answer = OpenD.QotGetOwnerPlate.S2C()
        for security in c2s.securityList {
            let instrument = try instrument(security)
            var owner = OpenD.QotGetOwnerPlate.SecurityOwnerPlate()
            owner.security = instrument.code.message
            owner.name = instrument.source.nameEnglish
            owner.plateInfoList = SimulatedPlate.all.filter { $0.members.contains(instrument.source.symbol) }.map {
                var plate = info($0)
                plate.plateType = $0.kind.rawValue
                return plate
            }
            answer.ownerPlateList.append(owner)
        }
        return answer
    }

    /// Warrants on a share, or contracts of a future.
    private func references(_ c2s: OpenD.QotGetReference.C2S) throws(GatewayRefusal) -> OpenD.QotGetReference.S2C {
        let owner = try instrument(c2s.security)
        var answer = OpenD.QotGetReference.S2C()
        switch (c2s.referenceType, owner.kind) {
        case (1, _):
            answer.staticInfoList = SimulatedWarrant.all.filter { $0.underlying.symbol == owner.source.symbol }.map {
                GatewayInstrument($0).staticInfo(at: now)
            }
        case (2, .future):
            answer.staticInfoList = SimulatedFuture.codes(owner.zone.civil(at: now).date).compactMap {
                GatewayInstrument(GatewayCode(GatewayCode.hongKong, $0), at: now)?.staticInfo(at: now)
            }
        default: throw .invalid("referenceType")
        }
        return answer
    }

    // MARK: Futures

    private func futures(_ c2s: OpenD.QotGetFutureInfo.C2S) throws(GatewayRefusal) -> OpenD.QotGetFutureInfo.S2C {
        guard c2s.securityList.count <= 200 else { throw .tooMany }
        var answer = OpenD.QotGetFutureInfo.S2C()
        for security in c2s.securityList {
            let instrument = try instrument(security)
            guard case .future(let lastDay) = instrument.kind else { throw .invalid("securityList") }
            var info = OpenD.QotGetFutureInfo.FutureInfo()
            info.name = instrument.name(instrument.zone.civil(at: now).date)
            info.security = instrument.code.message
            info.lastTradeTime = instrument.isContinuous ? "" : lastDay.iso
            info.owner = GatewayCode(GatewayCode.hongKong, "800000").message
            info.ownerOther = ""
            info.exchange = "HKFE"
            info.contractType = "Index futures"
            info.contractSize = Double(SimulatedFuture.multiplier)
            info.contractSizeUnit = "HKD per point"
            info.quoteCurrency = "HKD"
            info.minVar = 1
            info.minVarUnit = "index point"
            info.quoteUnit = "index point"
            info.tradeTime = [(555, 720), (780, 990), (1035, 1620)].map { begin, end in
                var time = OpenD.QotGetFutureInfo.TradeTime()
                time.begin = begin
                time.end = end
                return time
            }
            info.timeZone = "Asia/Hong_Kong"
            info.exchangeFormatUrl = "https://www.hkex.com.hk"
            if instrument.isContinuous,
                let month = SimulatedFuture.codes(instrument.zone.civil(at: now).date).dropFirst().first
            {
                info.origin = GatewayCode(GatewayCode.hongKong, month).message
            }
            answer.futureInfoList.append(info)
        }
        return answer
    }

    // MARK: Offerings and dividends

    private func offerings(_ c2s: OpenD.QotGetIpoList.C2S) throws(GatewayRefusal) -> OpenD.QotGetIpoList.S2C {
        guard let market = GatewayCode(c2s.market, "").simulated else { throw .invalid("market") }
        var answer = OpenD.QotGetIpoList.S2C()
        answer.ipoList = SimulatedOffering.all.filter { $0.market == market }.map { $0.message(at: now) }
        return answer
    }

    private func rehabs(_ c2s: OpenD.QotRequestRehab.C2S) throws(GatewayRefusal) -> OpenD.QotRequestRehab.S2C {
        let instrument = try instrument(c2s.security)
        var answer = OpenD.QotRequestRehab.S2C()
        answer.rehabList = Dividends.all(instrument, now: now).map { dividend in
            let amount = GatewayView.amount(dividend.amount)
            var rehab = OpenD.QotCommon.Rehab()
            rehab.time = dividend.exDate.iso
            rehab.timestamp = GatewayTime.stamp(instrument.zone.wallTime(dividend.exDate, secondOfDay: 0))
            rehab.companyActFlag = 64
            rehab.fwdFactorA = 1
            rehab.fwdFactorB = -amount
            rehab.bwdFactorA = 1
            rehab.bwdFactorB = amount
            rehab.dividend = amount
            return rehab
        }
        return answer
    }
}
