/// The name of one request, on its answer, in the log and in problems.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    /// 1 to 128 letters, digits, `.`, `_` and `-`.
    public let text: String

    /// `nil` for anything else: it is a client's text that goes into logs and answers. What may hold a key of the API, put
    /// there by mistake, is not taken either.
    public init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ ByteSet.identifier.contains($0) }),
            text.utf8.count < 23 || !text.contains("bb_")
        else { return nil }
        self.text = text
    }

    /// One made of 75 random bits: 15 characters, which a `String` holds without memory of its own.
    public init(random: inout some RandomNumberGenerator) {
        let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        var bits = random.next() as UInt64
        text = alphabet.withUTF8Buffer { letters in
            String(unsafeUninitializedCapacity: 15) { buffer in
                for index in 0..<15 {
                    if index == 12 { bits = random.next() }
                    buffer[index] = letters[Int(bits & 31)]
                    bits >>= 5
                }
                return 15
            }
        }
    }

    /// As sent.
    public var description: String { text }
}
