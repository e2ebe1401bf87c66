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

    /// A failure in place of an answer.
    struct Failure: Sendable {
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
    /// By protocol; 0 stands for all.
    var failures: [UInt32: Failure] = [:]

    /// The failure for a request, which uses it up once.
    mutating func failure(of id: UInt32) -> GatewayRefusal? {
        for key in [id, 0] {
            guard let failure = failures[key] else { continue }
            if let times = failure.times {
                failures[key]?.times = times - 1
                if times <= 1 { failures[key] = nil }
                guard times > 0 else { continue }
            }
            return GatewayRefusal(failure.message, result: failure.result)
        }
        return nil
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
