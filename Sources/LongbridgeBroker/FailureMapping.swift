internal import BrokerModel
internal import LongbridgeWire

extension BrokerFailure {
    /// What a failed response means to the caller.
    ///
    /// - Parameter isAboutSymbol: whether the request names one security and nothing else that could be wrong.
    init(_ failure: ResponseFailure, isAboutSymbol: Bool) {
        let upstream = Upstream(
            broker: "longbridge", code: failure.code == 0 ? nil : String(failure.code),
            message: failure.message.isEmpty ? nil : String(failure.message.prefix(500)))
        switch failure.sense {
        case .timedOut:
            self.init(.timedOut, "The broker did not finish in time.", upstream: upstream)
        case .unknownSecurity where isAboutSymbol:
            self.init(.unknownSymbol, "The broker does not know this security.", upstream: upstream)
        case .unknownSecurity, .invalidRequest:
            self.init(.invalidRequest, "The broker refused the request's parameters.", upstream: upstream)
        case .rateLimited:
            self.init(
                .rateLimited, "The broker says the calls come too fast.", retryAfter: QuoteLimits.pauseAfterRefusal,
                upstream: upstream)
        case .unauthenticated:
            self.init(
                .sessionNotReady(state: LinkState.authenticating.rawValue), "The broker's session is no longer valid.",
                upstream: upstream)
        case .connectionLimit:
            self.init(
                .sessionNotReady(state: LinkState.backingOff.rawValue), "The broker's connection limit is reached.",
                upstream: upstream)
        case .noQuotes:
            self.init(.noData, "The broker has no such data for this security.", upstream: upstream)
        case .noPermission:
            self.init(.notPermitted, "The broker's account lacks the permission for this data.", upstream: upstream)
        case .tooManySubscriptions:
            self.init(.quotaExceeded, "The broker's subscription limit is reached.", upstream: upstream)
        case .tooMany:
            self.init(
                .quotaExceeded, "Too many securities or rows, or the month's quota is used up.", upstream: upstream)
        case .serverFailure:
            self.init(.badAnswer, "The broker reported a failure of its own.", upstream: upstream)
        }
    }

    /// A security the broker left out of its answer.
    static var leftOut: BrokerFailure {
        BrokerFailure(
            .unknownSymbol, "The broker does not know this security.", upstream: Upstream(broker: "longbridge"))
    }
}

extension QuoteCommand {
    /// Whether a request of this command, as this adapter makes it, can only be wrong in its one security.
    var isAboutOneSymbol: Bool {
        switch self {
        case .depth, .brokers, .trades, .intraday, .candlesticks, .historyCandlesticks, .optionChainDates,
            .optionChainStrikes, .warrantFilter, .capitalFlowIntraday, .capitalFlowDistribution:
            true
        case .userQuoteProfile, .subscription, .subscribe, .unsubscribe, .marketTradePeriod, .marketTradeDay,
            .securityStaticInfo, .securityQuote, .optionQuote, .warrantQuote, .participantBrokerIDs, .warrantIssuers,
            .calculatedIndexes, .pushQuote, .pushDepth, .pushBrokers, .pushTrades:
            false
        }
    }
}
