internal import Bytes
internal import Protobuf

/// How the gateway misbehaves until told otherwise.
struct GatewayFaults: Sendable {
    /// Where the gateway's own login stands.
    enum Login: String, CaseIterable, Sendable {
        case ready
        /// Not logged in at the broker's servers.
        case out
        /// Waits for a code sent to a telephone.
        case needsPhoneCode = "phone-code"
        /// Another terminal of the user has taken over.
        case kicked

        var isReady: Bool { self == .ready }
    }

    /// What happens to every connection at the moment it is asked for.
    enum Once: String, CaseIterable, Sendable {
        case drop, close, cut
    }

    /// What happens to an order from outside.
    enum OrderEvent: String, CaseIterable, Sendable {
        case fill, cancel, reject, expire
    }

    /// What happens to a request.
    enum Harm: String, CaseIterable, Sendable {
        /// Nothing is done, and a failure is answered.
        case refuse
        /// Nothing is done and nothing answered.
        case ignore
        /// It is done, and the answer is lost.
        case loseAnswer = "lose-answer"
        /// The connection breaks, and nothing was done.
        case dropBefore = "drop-before"
        /// It is done, and the connection breaks before the answer.
        case dropAfter = "drop-after"
    }

    /// What goes wrong with requests of a protocol.
    struct Failure: Sendable {
        var harm = Harm.refuse
        var result: Int32
        var message: String
        /// How often still; `nil` until it is taken away.
        var times: Int?
    }

    /// Nothing leaves: no replies, no pushes.
    var isSilent = false
    /// Pushes get lost.
    var losesPushes = false
    /// How long a request waits before it is looked at.
    var answerDelay = Duration.zero
    /// Each connection ends after this many more packets.
    var packetsUntilClose: Int?
    /// Of a hundred pushes, how many are lost, doubled, or sent behind later ones.
    var lostPercent = 0
    var doubledPercent = 0
    var shuffledPercent = 0
    private var chance = SplitMix64(seed: 20_261_121)
    /// How long the exchange takes to confirm an order, and half of what it takes for a change of one.
    var confirmation = Duration.milliseconds(5)
    /// Orders rest: nothing is matched.
    var isMatchingPaused = false
    /// New orders that the exchange rejects after they were taken.
    var rejections = 0
    /// How long lists do not have a new order.
    var hiding = Duration.zero
    /// By protocol; 0 stands for all.
    var failures: [UInt32: Failure] = [:]

    /// What happens to a request, which uses it up once.
    mutating func failure(of id: UInt32) -> Failure? {
        for key in [id, 0] {
            guard let failure = failures[key] else { continue }
            if let times = failure.times {
                failures[key]?.times = times - 1
                if times <= 1 { failures[key] = nil }
                guard times > 0 else { continue }
            }
            return failure
        }
        return nil
    }

    typealias Push = (connection: UInt64, id: UInt32, payload: any Message)

    /// Pushes as they leave: some lost, some doubled, some behind the next.
    mutating func mangled(_ pushes: [Push]) -> [Push] {
        guard !losesPushes else { return [] }
        guard lostPercent + doubledPercent + shuffledPercent > 0 else { return pushes }
        var result: [Push] = []
        var late: [Push] = []
        for push in pushes {
            if chance.next(below: 100) < lostPercent { continue }
            if chance.next(below: 100) < shuffledPercent {
                late.append(push)
                continue
            }
            result.append(push)
            if chance.next(below: 100) < doubledPercent { result.append(push) }
        }
        return result + late.reversed()
    }
}

/// What has happened at the gateway.
struct GatewayCounters: Sendable {
    var connections = 0
    var pushes = 0
    private(set) var calls: [UInt32: Int] = [:]

    mutating func count(_ id: UInt32) {
        // What nobody knows is counted together, so that strangers cannot fill the table.
        calls[OpenDGateway.isKnown(id) ? id : 0, default: 0] += 1
    }
}
