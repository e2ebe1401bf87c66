internal import Clocks
internal import LongbridgeWire

extension QuoteAnswers {
    func profile(
        _ request: Quote.UserQuoteProfileRequest, _ limits: SandboxLimits, _ now: WallTime
    ) -> Quote.UserQuoteProfileResponse {
        var profile = Quote.UserQuoteProfileResponse()
        profile.memberId = 1_000_001
        profile.quoteLevel = "sandbox"
        profile.subscribeLimit = Int32(clamping: limits.subscriptions)
        profile.historyCandlestickLimit = Int32(clamping: limits.historySymbols)
        for command in CommandRates.limited {
            let (limit, burst) = CommandRates.rate(command, limits)
            var rule = Quote.RateLimit()
            rule.command = Quote.Command(rawValue: Int32(command.rawValue))
            rule.limit = Int32(clamping: limit)
            rule.burst = Int32(clamping: burst)
            profile.rateLimit.append(rule)
        }
        profile.quoteLevelDetail = packages(request.language, now)
        return profile
    }

    private func packages(_ language: String, _ now: WallTime) -> Quote.UserQuoteLevelDetail {
        let table: [(market: String, key: String, names: [String: String])] = [
            ("HK", "hk_level2", ["en": "HK level 2 (simulated)", "zh-CN": "港股二级行情（模拟）", "zh-HK": "港股二級行情（模擬）"]),
            ("US", "us_basic", ["en": "US basic (simulated)", "zh-CN": "美股基础行情（模拟）", "zh-HK": "美股基礎行情（模擬）"]),
            ("CN", "cn_level1", ["en": "CN level 1 (simulated)", "zh-CN": "A股一级行情（模拟）", "zh-HK": "A股一級行情（模擬）"]),
        ]
        var detail = Quote.UserQuoteLevelDetail()
        for (market, key, names) in table {
            var package = Quote.UserQuoteLevelDetail.PackageDetail()
            package.key = key
            package.name = names[language] ?? names["en"] ?? key
            package.description = package.name
            package.start = now.seconds - 86_400
            package.end = now.seconds + 365 * 86_400
            detail.byPackageKey[key] = package
            var packages = Quote.UserQuoteLevelDetail.MarketPackageDetail()
            packages.packages = [package]
            detail.byMarketCode[market] = packages
        }
        return detail
    }

    func staticInfo(
        _ request: Quote.MultiSecurityRequest, _ now: WallTime
    ) throws(BrokerRefusal) -> Quote.SecurityStaticInfoResponse {
        guard request.symbol.count <= QuoteAnswers.symbolLimit else { throw .tooMany }
        var response = Quote.SecurityStaticInfoResponse()
        for symbol in request.symbol {
            guard let security = SimulatedSecurity.bySymbol[symbol] else {
                if let info = QuoteAnswers.derivativeInfo(symbol, now) { response.secuStaticInfo.append(info) }
                continue
            }
            var info = Quote.StaticInfo()
            info.symbol = symbol
            info.nameEn = security.nameEnglish
            info.nameCn = security.nameSimplified
            info.nameHk = security.nameTraditional
            info.exchange = security.exchange
            info.currency = security.currency
            info.lotSize = Int32(clamping: security.lotSize)
            info.totalShares = security.millionShares * 1_000_000
            info.circulatingShares = info.totalShares
            info.hkShares = security.market == .hongKong ? info.totalShares : 0
            info.eps = QuoteAnswers.price(security.earnings)
            info.epsTtm = QuoteAnswers.price(security.earnings)
            info.bps = QuoteAnswers.price(security.bookValue)
            info.dividendYield = QuoteAnswers.hundredths(security.dividendYield)
            info.board = security.board
            if !security.isIndex, security.market == .unitedStates { info.stockDerivatives = [1] }
            if !security.isIndex, security.market == .hongKong { info.stockDerivatives = [2] }
            response.secuStaticInfo.append(info)
        }
        return response
    }

    func participants() -> Quote.ParticipantBrokerIdsResponse {
        var response = Quote.ParticipantBrokerIdsResponse()
        response.participantBrokerNumbers = SimulatedParticipant.all.map { participant in
            var info = Quote.ParticipantInfo()
            info.brokerIds = participant.seats
            info.participantNameCn = participant.simplified
            info.participantNameEn = participant.english
            info.participantNameHk = participant.traditional
            return info
        }
        return response
    }

    /// The hours the simulation keeps. Around the clock is one regular session a day, with the end that clients can read.
    func tradePeriods() -> Quote.MarketTradePeriodResponse {
        var response = Quote.MarketTradePeriodResponse()
        response.marketTradeSession = SimulatedMarket.allCases.map { market in
            var entry = Quote.MarketTradePeriod()
            entry.market = market.rawValue
            entry.tradeSession = SessionTable.rows(market, self.market.hours).map { row in
                var period = Quote.TradePeriod()
                period.begTime = Int32(row.begin)
                period.endTime = Int32(row.end)
                period.tradeSession = Quote.TradeSession(rawValue: row.session.rawValue)
                return period
            }
            return entry
        }
        return response
    }

    /// At most a month, of the year before and after today.
    func tradeDays(_ request: Quote.MarketTradeDayRequest, _ now: WallTime) throws(BrokerRefusal)
        -> Quote.MarketTradeDayResponse
    {
        guard let market = SimulatedMarket(rawValue: request.market), let begin = CivilDate(compact: request.begDay),
            let end = CivilDate(compact: request.endDay), begin <= end, end.daysSinceEpoch - begin.daysSinceEpoch <= 31
        else { throw .invalid }
        let today = market.zone.civil(at: now).date
        guard begin >= today.adding(days: -366), end <= today.adding(days: 366) else { throw .invalid }
        var response = Quote.MarketTradeDayResponse()
        var day = begin
        while day <= end {
            // Around the clock, today trades whatever day it is; the past keeps the exchange's days.
            let isOpen = self.market.hours == .alwaysOpen && day == today
            switch isOpen ? .full : TradingCalendar.day(market, day) {
            case .full: response.tradeDay.append(day.compact)
            case .half: response.halfTradeDay.append(day.compact)
            case .closed: break
            }
            day = day.adding(days: 1)
        }
        return response
    }
}
