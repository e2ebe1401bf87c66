public import Bytes

/// The gateway's numbers are doubles; ours are decimals. Nothing but this file turns one into the other.
extension DecimalText {
    /// The shortest decimal that is the same double, to at most 15 significant digits: every decimal of up to 15 digits
    /// survives a double, and what comes behind them is the gateway's arithmetic. `nil` for what is no number, and for
    /// one of more than 38 digits.
    ///
    /// 0.30000000000000004 is 0.3, and 605.5 is 605.5.
    public init?(double value: Double) {
        guard value.isFinite else { return nil }
        guard value != 0 else {
            self = .zero
            return
        }
        // The standard library writes the shortest digits that read back as the same value.
        var text = value.magnitude.description
        var exponent = 0
        if let mark = text.firstIndex(of: "e") {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = String(text[..<mark])
        }
        var digits: [UInt8] = []
        for byte in text.utf8 where byte != UInt8(ascii: ".") { digits.append(byte &- UInt8(ascii: "0")) }
        let fraction = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
        // The value is `digits` times ten to the `power`.
        var power = exponent - fraction
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        if digits.count > DecimalText.faithfulDigits {
            power += digits.count - DecimalText.faithfulDigits
            DecimalText.round(&digits, to: DecimalText.faithfulDigits, power: &power)
        }
        while digits.last == 0 {
            digits.removeLast()
            power += 1
        }
        self.init(DecimalText.text(digits, power: power, isNegative: value < 0))
    }

    /// The nearest double, for requests.
    public var double: Double { Double(text) ?? 0 }

    private static let faithfulDigits = 15

    /// Drops the digits behind the first `count`, half away from zero.
    private static func round(_ digits: inout [UInt8], to count: Int, power: inout Int) {
        let isUp = digits[count] >= 5
        digits.removeSubrange(count...)
        guard isUp else { return }
        var index = count - 1
        while index >= 0, digits[index] == 9 {
            digits[index] = 0
            index -= 1
        }
        if index >= 0 {
            digits[index] += 1
        } else {
            digits.insert(1, at: 0)
            digits.removeLast()
            power += 1
        }
    }

    private static func text(_ digits: [UInt8], power: Int, isNegative: Bool) -> String {
        let whole = digits.map { UInt8(ascii: "0") + $0 }
        var bytes: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let point = digits.count + power
        if power >= 0 {
            bytes += whole + [UInt8](repeating: UInt8(ascii: "0"), count: min(power, 400))
        } else if point > 0 {
            bytes += whole[..<point] + [UInt8(ascii: ".")] + whole[point...]
        } else {
            bytes += [UInt8(ascii: "0"), UInt8(ascii: ".")]
            bytes += [UInt8](repeating: UInt8(ascii: "0"), count: min(-point, 400)) + whole
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
