public import Clocks

/// The bridge's name of an order: `ord_` and 20 characters of Crockford's base 32 in lower case, ten of time and ten of
/// chance. Later orders sort behind earlier ones.
public struct OrderID: Hashable, Sendable {
    /// The 20 characters.
    let code: String

    /// `ord_01jd5zq2vk4h8m3n7p9r`
    public var text: String { "ord_\(code)" }

    /// What stands at the head of the broker's remark, by which an order whose answer was lost is found again.
    public var tag: String { "bb-\(code)" }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A new one. `random` gives 50 bits.
    public init(at time: WallTime, random: UInt64) {
        var bytes: [UInt8] = []
        let milliseconds = UInt64(max(0, time.milliseconds))
        for shift in stride(from: 45, through: 0, by: -5) {
            bytes.append(OrderID.alphabet[Int(milliseconds >> UInt64(shift) & 31)])
        }
        for shift in stride(from: 45, through: 0, by: -5) {
            bytes.append(OrderID.alphabet[Int(random >> UInt64(shift) & 31)])
        }
        code = String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `ord_…`; `nil` for any other shape.
    public init?(_ text: String) {
        guard text.hasPrefix("ord_") else { return nil }
        self.init(code: text.dropFirst(4))
    }

    /// The order whose tag stands at the head of a remark.
    public init?(remark: String) {
        guard remark.hasPrefix("bb-") else { return nil }
        let rest = remark.dropFirst(3)
        let code = rest.prefix { $0 != " " }
        self.init(code: code)
    }

    private init?(code: Substring) {
        guard code.utf8.count == 20, code.utf8.allSatisfy({ OrderID.alphabet.contains($0) }) else { return nil }
        self.code = String(code)
    }
}

extension OrderID: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}
