internal import Bytes
internal import LongbridgeWire

/// How the trading side misbehaves until told otherwise.
public struct TradingFaults: Equatable, Sendable {
    /// What happens to a call.
    public enum CallFault: String, Sendable, CaseIterable {
        /// The connection breaks, and nothing was done.
        case dropBefore = "drop-before"
        /// It is done, and the connection breaks before the answer.
        case dropAfter = "drop-after"
        /// Nothing is done, and the answer is a page of HTML with status 500.
        case htmlBefore = "html-before"
        /// It is done, and the answer is a page of HTML with status 500.
        case htmlAfter = "html-after"
        /// It is done, and the answer is half an envelope.
        case halfAfter = "half-after"
        /// It is done late, and then answered.
        case slowBefore = "slow-before"
        /// It is done, and the answer comes late.
        case slowAfter = "slow-after"
        /// Nothing is done, and the answer is an envelope with `code`.
        case code
        /// It is done, and the answer is an envelope with `code`.
        case codeAfter = "code-after"
        /// Nothing is done, and the answer is 500 and an envelope.
        case failed = "500"
        /// It is done, and the answer is a page of HTML with status 401, as a gateway in between may make it.
        case unauthorizedAfter = "401-after"
        /// Nothing is done: 429 as text.
        case tooManyText = "429-text"
        /// Nothing is done: 429 as an envelope.
        case tooMany = "429"
        /// Nothing is done: 463 and a page of HTML, as a load balancer refuses.
        case loadBalancer = "463"
    }

    /// A fault and how often it still happens.
    public struct Rule: Equatable, Sendable {
        /// What happens.
        public var fault: CallFault
        /// How often still.
        public var times: Int
        /// For `code` and `code-after`.
        public var code = 500_000
        /// For what is slow.
        public var delay = Duration.seconds(1)
    }

    /// By method and path, `POST /v1/trade/order`.
    public var calls: [String: Rule] = [:]
    /// Of a hundred order pushes, how many are lost, doubled, or held back behind later ones.
    public var lostPercent = 0
    /// See `lostPercent`.
    public var doubledPercent = 0
    /// See `lostPercent`.
    public var shuffledPercent = 0
    /// Orders rest: nothing is matched.
    public var isMatchingPaused = false
    /// Securities in which nothing is matched.
    public var halted: Set<String> = []
    /// How long the exchange takes to confirm an order, and half of what it takes for a change of one.
    public var confirmation = Duration.milliseconds(5)
    /// How long lists and details do not have a new order.
    public var hiding = Duration.zero
    /// How many new orders the exchange still rejects, and what it says.
    public var rejections: (count: Int, message: String) = (0, "")

    /// A broker on a good day.
    public init() {}

    /// Equal in every switch.
    public static func == (left: TradingFaults, right: TradingFaults) -> Bool {
        left.calls == right.calls && left.lostPercent == right.lostPercent
            && left.doubledPercent == right.doubledPercent && left.shuffledPercent == right.shuffledPercent
            && left.isMatchingPaused == right.isMatchingPaused && left.halted == right.halted
            && left.confirmation == right.confirmation && left.hiding == right.hiding
            && left.rejections == right.rejections
    }

    mutating func take(_ call: String) -> Rule? {
        guard let rule = calls[call], rule.times > 0 else { return nil }
        if rule.times == 1 { calls[call] = nil } else { calls[call]?.times -= 1 }
        return rule
    }

    /// Why the exchange rejects the next order; `nil` if it does not.
    mutating func takeRejection() -> String? {
        guard rejections.count > 0 else { return nil }
        rejections.count -= 1
        return rejections.message
    }
}

/// Order pushes on their way: some are lost, doubled or overtaken, by chance of a seed.
struct PushMangler: Sendable {
    private var random: SplitMix64
    private var heldBack: [[UInt8]] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// What is sent in place of a push.
    mutating func mangle(_ push: [UInt8], _ faults: TradingFaults) -> [[UInt8]] {
        var out: [[UInt8]] = []
        if random.next(below: 100) < faults.lostPercent {
            // Lost.
        } else if random.next(below: 100) < faults.shuffledPercent {
            heldBack.append(push)
            if heldBack.count > 8 { out.append(heldBack.removeFirst()) }
        } else {
            out.append(push)
            if random.next(below: 100) < faults.doubledPercent { out.append(push) }
            if !heldBack.isEmpty, random.next(below: 2) == 0 {
                out.append(heldBack.remove(at: random.next(below: heldBack.count)))
            }
        }
        return out
    }

    /// One of those held back, if any: none stays for ever when no other comes.
    mutating func release() -> [[UInt8]] {
        heldBack.isEmpty ? [] : [heldBack.remove(at: random.next(below: heldBack.count))]
    }
}
