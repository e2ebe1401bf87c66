internal import BrokerModel
internal import BrokerSessions
internal import OpenDWire

extension OpenDCallFailure {
    /// What became of a write that ended so. Whatever is not said in as many words leaves it unknown.
    var writeOutcome: WriteOutcome {
        switch self {
        case .notSent(let failure): .notSent(failure)
        case .unanswered(let failure): .unknown(failure)
        case .refused(let refusal) where refusal.isDefinite: refusal.writeOutcome
        case .refused(let refusal): .unknown(BrokerFailure(refusal))
        }
    }

    /// Whether it says that trading is locked.
    var saysLocked: Bool {
        if case .refused(let refusal) = self { refusal.isDefinite && refusal.saysLocked } else { false }
    }
}

extension OpenDRefusal {
    /// A write that was refused in a way that a later repetition may get around changed nothing, and may be repeated.
    fileprivate var writeOutcome: WriteOutcome {
        let failure = BrokerFailure(self)
        if saysLocked {
            return .notSent(
                BrokerFailure(
                    .tradeLocked, "Trading is locked at the gateway: unlock it there, or by the account's auth/unlock.",
                    upstream: failure.upstream))
        }
        switch failure.kind {
        case .rateLimited: return .notSent(failure)
        case .invalidRequest:
            return .refused(
                BrokerFailure(.orderRefused, orderMessage, upstream: failure.upstream))
        default: return .refused(failure)
        }
    }

    /// - Source: `futu-opend`, section 7: values of `errCode` that PlaceOrder uses.
    private var orderMessage: String {
        switch errorCode {
        case 2: "The order needs a margin account."
        case 3: "The risk of options must be confirmed first, in the broker's app."
        case 7: "The user has opted out of derivatives."
        case 8: "The risk of trading shares must be confirmed first, in the broker's app."
        case 9: "The risk of penny stocks must be confirmed first, in the broker's app."
        case 11: "The risk of grey-market trading must be confirmed first, in the broker's app."
        default: "The broker refused the order or the request."
        }
    }

    /// The gateway has no number for it; the words are those reported of real gateways, in both their languages.
    var saysLocked: Bool {
        let text = (message ?? "").lowercased()
        return ["unlock", "trade is locked", "解锁", "解鎖"].contains { text.contains($0) }
    }
}
