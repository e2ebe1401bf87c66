internal import BrokerModel
internal import HTTPWire

extension Problem {
    /// What a broker's failure means to the caller of the API.
    ///
    /// - Parameter symbol: the security that was asked for, where the failure does not say.
    init(_ failure: BrokerFailure, symbol: Symbol? = nil) {
        let upstream = failure.upstream.map {
            Upstream(broker: $0.broker, code: $0.code, message: $0.message, traceID: $0.traceID)
        }
        func problem(_ status: Int, _ code: String, retryable: Bool? = nil) -> Problem {
            Problem(
                status: status, code: code, detail: failure.message, retryable: retryable,
                retryAfter: failure.retryAfter, upstream: upstream)
        }
        switch failure.kind {
        case .unknownSymbol:
            self = problem(422, "invalid_symbol")
            field = "symbol"
            suggestions = (failure.symbol ?? symbol)?.namesakes.map(\.text) ?? []
        case .invalidRequest: self = problem(422, "invalid_request")
        case .invalidPrice: self = problem(422, "invalid_price")
        case .orderRefused: self = problem(422, "order_rejected")
        case .noData: self = problem(422, "no_data")
        case .notPermitted: self = problem(403, "upstream_not_permitted")
        case .quotaExceeded: self = problem(429, "quota_exceeded", retryable: false)
        case .sessionNotReady: self = problem(424, "session_not_ready", retryable: true)
        case .authorizationRequired: self = problem(424, "authorization_required", retryable: false)
        case .tradeLocked: self = problem(423, "trade_locked", retryable: true)
        case .rateLimited: self = problem(429, "upstream_rate_limited", retryable: true)
        case .timedOut: self = problem(504, "upstream_timeout", retryable: true)
        case .connectionLost: self = problem(502, "upstream_connection_lost", retryable: true)
        case .badAnswer: self = problem(502, "upstream_bad_answer", retryable: true)
        case .notSupported: self = problem(501, "not_supported_by_broker")
        case .notRecorded: self = AuditTrail.unavailable
        case .cancelled: self = problem(503, "shutting_down", retryable: true)
        }
        if let field = failure.field { self.field = field }
        if status == 429, retryAfter == nil { retryAfter = .seconds(1) }
    }

    static func symbol(_ text: String, field: String) -> Problem {
        var suggestions: [String] = []
        for market in Market.allCases {
            if let symbol = Symbol("\(text).\(market.rawValue)"), !text.contains(".") {
                suggestions.append(symbol.text)
            }
        }
        return Problem(
            status: 422, code: "invalid_symbol", detail: "A symbol is CODE.MARKET, such as 700.HK or AAPL.US.",
            field: field, suggestions: suggestions)
    }

    static let foreignOrigin = Problem(
        status: 403, code: "origin_not_allowed", detail: "A page of this origin may not change anything here.")
    static let notFound = Problem(status: 404, code: "not_found", detail: "There is nothing at this path.")
    static let noAccount = Problem(
        status: 404, code: "not_found", detail: "There is no such account for this key.", field: "account")
}
