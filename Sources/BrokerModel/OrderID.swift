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

    /// One that tells again what it was made for: 35 bits of the idempotency key's hash, and 15 of the bridge's own number.
    /// Two orders for one key differ in their time.
    public init(at time: WallTime, keyCode: UInt64, instance: UInt64) {
        self.init(at: time, random: (keyCode & 0x7_FFFF_FFFF) << 15 | instance & 0x7FFF)
    }

    /// When it was made, in whole milliseconds.
    public var time: WallTime { WallTime(milliseconds: Int64(bitPattern: number(code.utf8.prefix(10)))) }
    /// 35 bits of the hash of the idempotency key it was made for, if it is one of this bridge.
    public var keyCode: UInt64 { number(code.utf8.suffix(10)) >> 15 }
    /// Which bridge made it, among those at one account.
    public var instance: UInt64 { number(code.utf8.suffix(10)) & 0x7FFF }

    private func number(_ digits: Substring.UTF8View) -> UInt64 {
        digits.reduce(0) { $0 << 5 | UInt64(OrderID.alphabet.firstIndex(of: $1) ?? 0) }
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
