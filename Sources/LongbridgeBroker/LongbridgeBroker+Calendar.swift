public import BrokerModel
public import Clocks
internal import LongbridgeWire

/// When markets trade, and what the account may see.
extension LongbridgeBroker {
    /// Hours of a full day.
    public func marketHours(wait: Duration) async throws(BrokerFailure) -> [BrokerModel.MarketHours] {
        let answer = try await link.request(
            .marketTradePeriod, Longbridge.Quote.SecurityRequest(),
            as: Longbridge.Quote.MarketTradePeriodResponse.self,
            wait: wait)
        let hours = answer.marketTradeSession.flatMap { BrokerModel.MarketHours.list($0) }
        toldHours = Dictionary(hours.map { ($0.market, $0) }) { first, _ in first }
        return hours
    }

    /// Trading days, a month at a time as the broker takes them.
    public func tradingDays(
        _ market: Market, from: CivilDate, through: CivilDate, wait: Duration
    ) async throws(BrokerFailure) -> TradingDays {
        var days = TradingDays()
        var begin = from
        while begin <= through {
            let end = min(through, begin.adding(days: QuoteLimits.calendarDays))
            var request = Longbridge.Quote.MarketTradeDayRequest()
            request.market = market.wire
            request.begDay = begin.compact
            request.endDay = end.compact
            let answer = try await link.request(
                .marketTradeDay, request, as: Longbridge.Quote.MarketTradeDayResponse.self, wait: wait)
            days.full += answer.tradeDay.compactMap { CivilDate(compact: $0) }
            days.half += answer.halfTradeDay.compactMap { CivilDate(compact: $0) }
            begin = end.adding(days: 1)
        }
        let halves = Set(days.half)
        days.full = Set(days.full).subtracting(halves).filter { $0 >= from && $0 <= through }.sorted()
        days.half = halves.filter { $0 >= from && $0 <= through }.sorted()
        return days
    }

    /// What the broker says is subscribed.
    public func subscribedUpstream(wait: Duration) async throws(BrokerFailure) -> [MarketTopic] {
        let answer = try await link.request(
            .subscription, Longbridge.Quote.SubscriptionRequest(), as: Longbridge.Quote.SubscriptionResponse.self,
            wait: wait)
        return answer.subList.flatMap { entry in
            entry.subType.compactMap { MarketTopic(SubscriptionPlan.Item(entry.symbol, $0.rawValue)) }
        }
    }

    /// The profile of the session.
    public var quotePermissions: QuotePermissions? { link.permissions }
}

extension Market {
    /// The vendor's word: Shanghai and Shenzhen are one.
    var wire: String {
        switch self {
        case .hongKong, .unitedStates, .singapore: rawValue
        case .shanghai, .shenzhen: "CN"
        }
    }

    /// The markets behind the vendor's word; none for one that is not ours.
    static func named(_ word: String) -> [Market] { allCases.filter { $0.wire == word } }
}

extension BrokerModel.MarketHours {
    /// One entry of the vendor's list; two for mainland China.
    static func list(_ entry: Longbridge.Quote.MarketTradePeriod) -> [BrokerModel.MarketHours] {
        let sessions = entry.tradeSession.compactMap { period -> SessionHours? in
            guard let session = TradingSession(period.tradeSession), let begin = minutes(period.begTime),
                let told = minutes(period.endTime)
            else { return nil }
            // 23:59 stands for midnight, which the vendor's own client cannot read.
            let end = told == 1439 ? 1440 : told
            return begin < end ? SessionHours(session: session, begin: begin, end: end) : nil
        }
        return Market.named(entry.market).map { BrokerModel.MarketHours(market: $0, sessions: sessions) }
    }

    /// `930` as minutes since midnight.
    private static func minutes(_ clock: Int32) -> Int? {
        guard clock >= 0, clock <= 2400, clock % 100 < 60 else { return nil }
        return Int(clock / 100 * 60 + clock % 100)
    }
}

extension QuotePermissions {
    /// The vendor's profile.
    init(_ profile: Longbridge.Quote.UserQuoteProfileResponse) {
        func text(_ value: String) -> String? { BrokerText.of(value) }
        let detail = profile.quoteLevelDetail
        var markets: [String: String] = [:]
        for (market, packages) in detail?.byMarketCode ?? [:] {
            for package in packages.packages { markets[package.key] = market }
        }
        let packages = (detail?.byPackageKey ?? [:]).sorted { $0.key < $1.key }.map { key, package in
            var found = QuotePackage(key: key)
            found.name = text(package.name)
            found.description = text(package.description)
            found.market = markets[key]
            found.start = wallTime(package.start)
            found.end = wallTime(package.end)
            return found
        }
        self.init(
            level: text(profile.quoteLevel), packages: packages,
            historyLimit: profile.historyCandlestickLimit > 0 ? Int(profile.historyCandlestickLimit) : nil,
            subscriptionLimit: profile.subscribeLimit > 0 ? Int(profile.subscribeLimit) : nil)
    }
}
