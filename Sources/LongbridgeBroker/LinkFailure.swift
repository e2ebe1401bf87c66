internal import BrokerModel
internal import Clocks
internal import LongbridgeWire

/// Why a request on the link has no answer.
enum LinkFailure: Error, Equatable {
    /// Held back or lost on this side.
    case request(RequestQueue.Failure)
    /// Answered with a failure.
    case refused(ResponseFailure)
    /// The calling task was cancelled.
    case cancelled
    /// The request is too long for a packet.
    case unsendable
}

extension BrokerFailure {
    /// What it means to the caller.
    ///
    /// - Parameters:
    ///   - state: the link's state and, where known, why it is not ready.
    ///   - isAboutSymbol: whether the request names one security and nothing else that could be wrong.
    init(_ failure: LinkFailure, link state: (LinkState, reason: String?, isLocked: Bool), isAboutSymbol: Bool) {
        switch failure {
        case .request(.notReady):
            self.init(
                state.isLocked ? .authorizationRequired : .sessionNotReady(state: state.0.rawValue),
                "The broker's session is not ready: \(state.reason ?? state.0.rawValue).")
        case .request(.overloaded):
            self.init(.rateLimited, "Too many calls are waiting for the broker.", retryAfter: .seconds(1))
        case .request(.rateLimited(let retryAfter)):
            self.init(.rateLimited, "The broker's limit is used up for now.", retryAfter: retryAfter)
        case .request(.timedOut):
            self.init(.timedOut, "The broker did not answer in time.")
        case .request(.connectionLost):
            self.init(.connectionLost, "The connection to the broker was lost.")
        case .refused(let refusal):
            self.init(refusal, isAboutSymbol: isAboutSymbol)
        case .cancelled:
            self.init(.cancelled, "The caller went away.")
        case .unsendable:
            self.init(.invalidRequest, "The request is too long for the broker's packets.")
        }
    }
}
