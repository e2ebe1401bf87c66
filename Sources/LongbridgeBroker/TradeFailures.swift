internal import BrokerModel
internal import BrokerSessions
internal import HTTPCalling

/// What a failed call of the trading API means.
extension BrokerFailure {
    init(_ failure: LongbridgeGateway.Failure) {
        switch failure {
        case .refused(let code, let message, let trace, let status):
            let upstream = Upstream(
                broker: "longbridge", code: String(code), message: String(message.prefix(500)),
                traceID: trace.map { String($0.prefix(128)) })
            self = BrokerFailure(code: code, status: status, upstream)
        case .unreadable(status: 429, let retryAfter):
            self.init(
                .rateLimited, "The broker says the calls come too fast.",
                retryAfter: max(retryAfter ?? .zero, LongbridgeGateway.Failure.tradeWindow))
        case .unreadable(let status, _):
            self.init(
                .badAnswer, "The broker's answer could not be read (HTTP \(status)).",
                upstream: Upstream(broker: "longbridge"))
        case .call(.timedOut): self.init(.timedOut, "The broker did not answer in time.")
        case .call(.cancelled): self.init(.cancelled, "The caller went away.")
        case .call(.notSent): self.init(.connectionLost, "The broker could not be reached; nothing was sent.")
        case .call(.tooLarge): self.init(.badAnswer, "The broker's answer is too large.")
        case .call(.failed): self.init(.connectionLost, "The connection to the broker was lost.")
        case .credential(.authorizationRequired(let text)):
            self.init(.authorizationRequired, "The account is not authorized: \(text).")
        case .credential(.notNow(let text, let retryAfter)):
            self.init(
                .sessionNotReady(state: "refreshing"), "The account is not authorized now: \(text).",
                retryAfter: retryAfter)
        case .credential(.cancelled): self.init(.cancelled, "The bridge is stopping.")
        }
    }

    /// - Source: `longbridge-http`, section 1.6.
    private init(code: Int64, status: Int, _ upstream: Upstream) {
        switch code {
        case 401_000...401_999:
            self.init(
                .authorizationRequired, "The broker does not accept the account's token.", upstream: upstream)
        case 403_201, 403_203, 403_205:
            self.init(.authorizationRequired, "The broker does not accept the account's key.", upstream: upstream)
        case 403_308, 403_008:
            self.init(
                .notPermitted, "The account's token lacks the scope for this: log in again and grant it.",
                upstream: upstream)
        case 429_001, 429_002, 429_303, 301_606:
            self.init(
                .rateLimited, "The broker says the calls come too fast.",
                retryAfter: LongbridgeGateway.Failure.tradeWindow, upstream: upstream)
        case 400_000...400_999, 404_000...404_999, 301_600, 310_010:
            self.init(.invalidRequest, Self.unknownCall, upstream: upstream)
        case 301_603:
            self.init(.noData, "The broker has no such data.", upstream: upstream)
        case 301_604:
            self.init(.notPermitted, "The broker's account lacks the permission for this.", upstream: upstream)
        case 301_605, 301_607:
            self.init(.quotaExceeded, "The broker's limit for this is used up.", upstream: upstream)
        case 602_035:
            self.init(.invalidPrice, "The price is not on the market's price steps.", upstream: upstream)
        case 602_002, 602_301, 602_315:
            self.init(.notPermitted, "The broker does not allow this for the account.", upstream: upstream)
        case 602_000...602_999:
            self.init(.orderRefused, "The broker refused the order or the request.", upstream: upstream)
        default:
            // The status says whose fault a code is that no list has.
            if status == 400 || status == 404 {
                self.init(.invalidRequest, Self.unknownCall, upstream: upstream)
            } else {
                self.init(.badAnswer, "The broker reported a failure of its own.", upstream: upstream)
            }
        }
    }

    private static let unknownCall = "The broker does not know this call, or its parameters."
}

extension LongbridgeGateway.Failure {
    /// How long nothing but cancellations is sent after a refusal for being too fast: the broker's window.
    static let tradeWindow = Duration.seconds(30)

    /// Codes that say for sure that the request changed nothing. Every other answer to a write leaves it unknown.
    ///
    /// - Source: `longbridge-http`, section 1.6. 403202 is not among them: it says that the same signed request was seen
    ///   before, and then that one may have been carried out.
    private static func isDefiniteRefusal(_ code: Int64) -> Bool {
        switch code {
        case 401_001, 401_003, 401_004, 401_102, 403_201, 403_203, 403_205, 403_308, 403_008: true
        case 602_001, 602_002, 602_035, 602_080, 602_301, 602_315: true
        default: false
        }
    }

    /// What became of a write that ended so.
    var writeOutcome: WriteOutcome {
        let failure = BrokerFailure(self)
        switch self {
        case .refused(429_001, _, _, _), .refused(429_002, _, _, _), .refused(429_303, _, _, _):
            return .notSent(failure)
        case .refused(let code, _, _, _):
            return Self.isDefiniteRefusal(code) ? .refused(failure) : .unknown(failure)
        case .unreadable(status: 429, _): return .notSent(failure)
        case .unreadable: return .unknown(failure)
        case .call(.notSent), .call(.timedOut(sent: false)), .credential: return .notSent(failure)
        case .call(.timedOut), .call(.cancelled), .call(.tooLarge), .call(.failed): return .unknown(failure)
        }
    }
}
