internal import BrokerModel
internal import LongbridgeWire

extension BrokerFailure {
    /// What a failed response means to the caller.
    ///
    /// - Parameter isAboutSymbol: whether the command names one security and nothing else that could be wrong.
    init(_ failure: ResponseFailure, isAboutSymbol: Bool) {
        let upstream = Upstream(
            broker: "longbridge", code: failure.code == 0 ? nil : String(failure.code),
            message: failure.message.isEmpty ? nil : String(failure.message.prefix(500)))
        switch (failure.status, failure.code) {
        case (_, QuoteErrorCode.rateLimited):
            self.init(
                .rateLimited, "The broker says the calls come too fast.", retryAfter: .seconds(1), upstream: upstream)
        case (ResponseStatus.internalError, QuoteErrorCode.invalidRequest) where isAboutSymbol:
            self.init(.unknownSymbol, "The broker does not know this security.", upstream: upstream)
        case (_, QuoteErrorCode.invalidRequest):
            self.init(.invalidRequest, "The broker refused the request's parameters.", upstream: upstream)
        case (_, QuoteErrorCode.noQuotes):
            self.init(.noData, "The broker has no such data for this security.", upstream: upstream)
        case (_, QuoteErrorCode.noPermission):
            self.init(.notPermitted, "The broker's account lacks the permission for this data.", upstream: upstream)
        case (_, QuoteErrorCode.tooManySubscriptions):
            self.init(.quotaExceeded, "The broker's subscription limit is reached.", upstream: upstream)
        case (_, QuoteErrorCode.tooMany):
            self.init(
                .quotaExceeded, "Too many securities or rows, or the month's quota is used up.", upstream: upstream)
        case (ResponseStatus.serverTimeout, _):
            self.init(.timedOut, "The broker did not finish in time.", upstream: upstream)
        case (ResponseStatus.unauthenticated, _):
            self.init(
                .sessionNotReady(state: "authenticating"), "The broker's session is no longer valid.",
                upstream: upstream)
        default:
            self.init(.badAnswer, "The broker reported a failure of its own.", upstream: upstream)
        }
    }
}
