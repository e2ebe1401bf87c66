internal import BrokerModel

extension BrokerFailure {
    /// What it means to the caller of a read.
    init(_ failure: OpenDCallFailure) {
        switch failure {
        case .notSent(let failure), .unanswered(let failure): self = failure
        case .refused(let refusal): self.init(refusal)
        }
    }

    /// What a refusal means. The gateway has one number for all refusals and words for people; the words are looked at
    /// for a few kinds that callers treat differently, and any other is a refused parameter.
    init(_ refusal: OpenDRefusal) {
        let upstream = Upstream(
            broker: OpenDRefusal.broker,
            code: refusal.errorCode.flatMap { $0 == 0 ? nil : "\(refusal.result)/\($0)" } ?? String(refusal.result),
            message: refusal.message.map { String($0.prefix(300)) })
        switch refusal.result {
        case -100: self.init(.timedOut, "The broker's servers did not answer the gateway.", upstream: upstream)
        case -200: self.init(.connectionLost, "The gateway is not connected to its servers.", upstream: upstream)
        case -400: self.init(.badAnswer, "The gateway does not say how it went.", upstream: upstream)
        default:
            switch refusal.sense {
            case .frequency:
                self.init(
                    .rateLimited, "The gateway says that calls come too fast.", retryAfter: .seconds(30),
                    upstream: upstream)
            case .quota: self.init(.quotaExceeded, "A quota of the gateway's is used up.", upstream: upstream)
            case .unknownSecurity:
                self.init(.unknownSymbol, "The broker does not know the security.", upstream: upstream)
            case .permission: self.init(.notPermitted, "The broker's account lacks the permission.", upstream: upstream)
            case .unknownRequest:
                self.init(.notSupported, "The gateway does not know this request.", upstream: upstream)
            case .other: self.init(.invalidRequest, "The gateway refused the request.", upstream: upstream)
            }
        }
    }
}

extension OpenDRefusal {
    /// The product's word for the broker.
    static let broker = "futu"

    /// What the words mean, as far as that can be told.
    enum Sense: Equatable, Sendable {
        case frequency, quota, unknownSecurity, permission, unknownRequest, other
    }

    /// Looks for words that real gateways were reported to use, in both their languages. Words that are not among them
    /// are `.other`.
    var sense: Sense {
        let text = (message ?? "").lowercased()
        func has(_ words: [String]) -> Bool { words.contains { text.contains($0) } }
        if has(["too frequent", "frequency", "频率", "頻率", "频繁", "頻繁"]) { return .frequency }
        if has(["quota", "额度", "額度"]) { return .quota }
        if has(["unknown stock", "unknown security", "未知股票", "未知證券", "未知证券", "不存在", "no such security"]) {
            return .unknownSecurity
        }
        if has(["unknown protocol", "does not serve this protocol", "未知的协议", "未知协议", "未知的協議"]) {
            return .unknownRequest
        }
        if has(["no right", "permission", "no quote right", "权限", "權限"]) { return .permission }
        return .other
    }
}
