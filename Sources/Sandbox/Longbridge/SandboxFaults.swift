/// How the simulated broker misbehaves until told otherwise. Each takes effect at once, on all sockets.
public struct SandboxFaults: Equatable, Sendable {
    /// What goes wrong with the answer to one command.
    public enum Answer: String, Sendable, CaseIterable {
        /// A body that is no message.
        case garbage
        /// A packet shorter than it says.
        case truncated
        /// The answer to a request nobody made.
        case wrongID = "wrong-id"
        /// A text message in place of a binary one.
        case text
        /// No answer at all.
        case nothing
    }

    /// An error in place of an answer.
    public struct Failure: Equatable, Sendable {
        /// The packet's status byte.
        public var status: UInt8
        /// The business code.
        public var code: UInt64
        /// Text for people.
        public var message: String
        /// How often it is still answered; `nil` until it is taken away.
        public var times: Int?

        /// One failure; without `times` it lasts.
        public init(status: UInt8, code: UInt64, message: String = "as asked", times: Int? = nil) {
            self.status = status
            self.code = code
            self.message = message
            self.times = times
        }
    }

    /// What an HTTP call of the API is answered with.
    public enum HTTPAnswer: String, Sendable, CaseIterable {
        /// 429 and a line of text, which the vendor's client repeats.
        case tooManyText = "429-text"
        /// 429 and an envelope, which it does not.
        case tooMany = "429"
        /// 500 and a page of HTML.
        case html = "500-html"
        /// 463 and a page of HTML, as a load balancer refuses.
        case loadBalancer = "463-html"
        /// 500 and an envelope.
        case failed = "500"
        /// 200 and an envelope with a code.
        case refused200 = "200-code"
        /// An envelope that says `msg` in place of `message`.
        case wrongMember = "msg"
        /// Success without data.
        case noData = "no-data"
        /// Half an envelope.
        case half
    }

    /// Messages have a field, and objects of JSON a member, that no documentation knows.
    public var isAddingFields = false
    /// Nothing leaves the sockets: no answers, no pushes, no pings.
    public var isSilent = false
    /// No push leaves the quote sockets, though the market moves; calls are answered.
    public var isMute = false
    /// No trade happens and the market's time stands still; calls are answered.
    public var isFrozen = false
    /// Logins are refused: status 5 on the sockets, 401004 over HTTP.
    public var refusesLogins = false
    /// How long a request waits before it is looked at. A request that would wait beyond its own timeout is answered
    /// with status 1 at that time.
    public var answerDelay = Duration.zero
    /// Each socket breaks after this many more packets.
    public var packetsUntilDrop: Int?
    /// Bodies are sent compressed.
    public var isCompressing = false
    /// Packets carry a nonce and a signature.
    public var isSigning = false
    /// Errors by command, by the names of the counters; `*` stands for every command.
    public var failures: [String: Failure] = [:]
    /// Broken answers by command, likewise.
    public var answers: [String: Answer] = [:]
    /// What HTTP calls are answered with, and how often still.
    public var http: (answer: HTTPAnswer, times: Int)?
    /// How long HTTP calls wait for their answer.
    public var httpDelay = Duration.zero

    /// A broker on a good day.
    public init() {}

    /// Equal in every switch.
    public static func == (left: SandboxFaults, right: SandboxFaults) -> Bool {
        left.isSilent == right.isSilent && left.isMute == right.isMute
            && left.isFrozen == right.isFrozen && left.refusesLogins == right.refusesLogins
            && left.answerDelay == right.answerDelay && left.packetsUntilDrop == right.packetsUntilDrop
            && left.isCompressing == right.isCompressing && left.isSigning == right.isSigning
            && left.failures == right.failures && left.answers == right.answers
            && left.http?.answer == right.http?.answer
            && left.http?.times == right.http?.times && left.httpDelay == right.httpDelay
    }

    /// The error for a command, which uses it up once.
    mutating func failure(of command: String) -> BrokerRefusal? {
        for name in [command, "*"] {
            guard let failure = failures[name] else { continue }
            if let times = failure.times {
                failures[name]?.times = times - 1
                if times <= 1 { failures[name] = nil }
                guard times > 0 else { continue }
            }
            return BrokerRefusal(status: failure.status, code: failure.code, message: failure.message)
        }
        return nil
    }

    /// The answer to an HTTP call, which uses it up once.
    mutating func takeHTTPAnswer() -> HTTPAnswer? {
        guard let (answer, times) = http, times > 0 else { return nil }
        http = times > 1 ? (answer, times - 1) : nil
        return answer
    }
}
