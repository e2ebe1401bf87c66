/// The fields that tell a caller where it stands with its limits.
///
/// What does not change between answers is made once; an answer from memory adds two numbers and allocates nothing.
///
/// - Source: draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` with `q` (quota) and `w` (window in seconds),
///   `RateLimit` with `r` (what is left) and `t` (seconds until all of it is there again).
public struct RateLimitFields: Sendable, Equatable {
    /// One limit, as both fields name it.
    public struct Policy: Sendable, Equatable {
        fileprivate final class Texts: Sendable {
            let declaration: [UInt8]  // "market";q=100;w=1
            let remainder: [UInt8]  // "market";r=
            let alone: [UInt8]  // both fields up to the number, when no other limit is named

            init(declaration: [UInt8], remainder: [UInt8]) {
                self.declaration = declaration
                self.remainder = remainder
                alone = Array("RateLimit-Policy: ".utf8) + declaration + Array("\r\nRateLimit: ".utf8) + remainder
            }
        }

        /// One object: a policy is handed on with every answer.
        fileprivate let texts: Texts

        /// - Parameters:
        ///   - name: letters, digits, `-`, `_`, `.`, `/`, `:`; anything else becomes `-`.
        ///   - quota: calls in `windowSeconds`.
        public init(name: String, quota: Int, windowSeconds: Int) {
            let kept = name.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "/"), UInt8(ascii: ":"):
                    byte
                default: UInt8(ascii: "-")
                }
            }
            let quoted = String(decoding: kept, as: UTF8.self)
            texts = Texts(
                declaration: Array("\"\(quoted)\";q=\(max(0, quota));w=\(max(1, windowSeconds))".utf8),
                remainder: Array("\"\(quoted)\";r=".utf8))
        }

        /// The same words.
        public static func == (left: Policy, right: Policy) -> Bool {
            left.texts === right.texts || left.texts.declaration == right.texts.declaration
        }
    }

    /// Where a caller stands with one limit.
    public struct Standing: Sendable, Equatable {
        fileprivate let policy: Policy
        fileprivate let remaining: Int
        fileprivate let resetSeconds: Int

        /// - Parameters:
        ///   - remaining: calls that would be admitted now.
        ///   - resetSeconds: until all of them are there again, rounded up.
        public init(_ policy: Policy, remaining: Int, resetSeconds: Int) {
            self.policy = policy
            self.remaining = max(0, remaining)
            self.resetSeconds = max(0, resetSeconds)
        }

        fileprivate func append(to output: inout [UInt8]) {
            output.append(bytes: policy.texts.remainder)
            appendNumbers(to: &output)
        }

        fileprivate func appendNumbers(to output: inout [UInt8]) {
            output.append(decimal: remaining)
            output.append(literal: ";t=")
            output.append(decimal: resetSeconds)
        }
    }

    /// A standing, or none. An optional object and two numbers are copied faster than an optional structure, and these
    /// fields are handed on with every answer.
    private struct Place: Sendable, Equatable {
        let policy: Policy?
        let remaining: Int
        let resetSeconds: Int

        init(_ standing: Standing?) {
            policy = standing?.policy
            remaining = standing?.remaining ?? 0
            resetSeconds = standing?.resetSeconds ?? 0
        }

        var standing: Standing? {
            policy.map { Standing($0, remaining: remaining, resetSeconds: resetSeconds) }
        }
    }

    private var ownPlace: Place
    private var upstreamPlace: Place

    /// The limit of the caller's key; absent while nobody has said it yet.
    public var own: Standing? {
        get { ownPlace.standing }
        set { ownPlace = Place(newValue) }
    }
    /// The broker's, where the call needed it.
    public var upstream: Standing? {
        get { upstreamPlace.standing }
        set { upstreamPlace = Place(newValue) }
    }

    /// One limit, or both.
    public init(_ own: Standing?, upstream: Standing? = nil) {
        ownPlace = Place(own)
        upstreamPlace = Place(upstream)
    }

    /// Both field lines, each with its CRLF.
    func appendLines(to output: inout [UInt8]) {
        switch (own, upstream) {
        case (nil, nil): return
        case (let one?, nil), (nil, let one?):
            output.append(bytes: one.policy.texts.alone)
            one.appendNumbers(to: &output)
        case (let own?, let upstream?):
            output.append(literal: "RateLimit-Policy: ")
            output.append(bytes: own.policy.texts.declaration)
            output.append(literal: ", ")
            output.append(bytes: upstream.policy.texts.declaration)
            output.append(literal: "\r\nRateLimit: ")
            own.append(to: &output)
            output.append(literal: ", ")
            upstream.append(to: &output)
        }
        output.append(literal: "\r\n")
    }

    /// The same as fields, for answers that are no ``HTTPResponse``.
    public func add(to fields: inout HTTPFields) {
        guard let own else { return }
        fields.append("RateLimit-Policy", String(decoding: own.policy.texts.declaration, as: UTF8.self))
        var text: [UInt8] = []
        own.append(to: &text)
        fields.append("RateLimit", String(decoding: text, as: UTF8.self))
    }
}
