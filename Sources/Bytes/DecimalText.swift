/// A decimal number that keeps the text it came with, so that what a broker wrote is what a caller reads.
///
/// Shape: an optional `-`, at least one digit, and optionally a point followed by at least one digit; at most 38
/// significant digits and 38 places. No exponent, no `+`, no blanks, ASCII digits only. Equality and order are by value:
/// `1.50` equals `1.5`.
public struct DecimalText: Sendable {
    /// As it was written.
    public let text: String
    /// The value times ten to the power of `scale`.
    let units: Int128
    /// Digits behind the point as written, 0 to 38.
    public let scale: Int

    /// The most digits a value may have; `Int128` holds that many.
    static let maximumDigits = 38

    /// `nil` for text of any other shape.
    public init?(_ text: String) {
        var units: Int128 = 0
        var digits = 0
        var scale = 0
        var places = 0
        var hasPoint = false
        var isNegative = false
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where index == 0:
                isNegative = true
            case UInt8(ascii: ".") where !hasPoint && places > 0:
                hasPoint = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if hasPoint { scale += 1 } else { places += 1 }
                if units != 0 || byte != UInt8(ascii: "0") { digits += 1 }
                guard digits <= DecimalText.maximumDigits, scale <= DecimalText.maximumDigits else { return nil }
                units = units * 10 + Int128(byte - UInt8(ascii: "0"))
            default:
                return nil
            }
        }
        guard places > 0, !hasPoint || scale > 0 else { return nil }
        self.text = text
        self.units = isNegative ? -units : units
        self.scale = scale
    }

    /// The number `units` / 10^`scale`, written with exactly `scale` places (0 to 38; others are clamped).
    public init(units: Int64, scale: Int) {
        self.init(wide: Int128(units), scale: min(max(scale, 0), DecimalText.maximumDigits))
    }

    /// A whole number.
    public init(_ value: Int64) {
        self.init(wide: Int128(value), scale: 0)
    }

    init(wide units: Int128, scale: Int) {
        self.units = units
        self.scale = scale
        var digits = String(units.magnitude)
        if digits.utf8.count <= scale {
            digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
        }
        let sign = units < 0 ? "-" : ""
        text = scale == 0 ? sign + digits : "\(sign)\(digits.dropLast(scale)).\(digits.suffix(scale))"
    }

    /// `0`.
    public static let zero = DecimalText(0)

    /// Whether the value is zero, however it is written.
    public var isZero: Bool { units == 0 }

    /// Whether the value is below zero.
    public var isNegative: Bool { units < 0 }

    /// The value without trailing zeros behind the point.
    public var normalized: DecimalText {
        var units = units
        var scale = scale
        while scale > 0, units % 10 == 0 {
            units /= 10
            scale -= 1
        }
        return DecimalText(wide: units, scale: scale)
    }

    /// The value times 10^`scale` as a whole number, if it is one and fits.
    public func units(scale wanted: Int) -> Int64? {
        guard let scaled = rescaled(to: wanted) else { return nil }
        return Int64(exactly: scaled)
    }

    /// The whole number this is, if it is one and fits.
    public var wholeNumber: Int64? { normalized.scale == 0 ? Int64(exactly: normalized.units) : nil }

    /// The units at another scale; `nil` if digits would be lost or the number gets too large.
    func rescaled(to wanted: Int) -> Int128? {
        var units = units
        var scale = scale
        while scale > wanted {
            let (quotient, remainder) = units.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return nil }
            units = quotient
            scale -= 1
        }
        while scale < wanted {
            let (product, overflow) = units.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            units = product
            scale += 1
        }
        return units
    }
}

extension DecimalText: Comparable, Hashable {
    /// Whether both have one value.
    public static func == (left: DecimalText, right: DecimalText) -> Bool {
        let (a, b) = (left.normalized, right.normalized)
        return a.units == b.units && a.scale == b.scale
    }

    /// Equal values hash alike.
    public func hash(into hasher: inout Hasher) {
        let value = normalized
        hasher.combine(value.units)
        hasher.combine(value.scale)
    }

    /// Whether the left value is smaller.
    public static func < (left: DecimalText, right: DecimalText) -> Bool {
        let scale = max(left.scale, right.scale)
        if let a = left.rescaled(to: scale), let b = right.rescaled(to: scale) { return a < b }
        // One of them does not fit at the finer scale: their whole parts differ then, or their signs.
        let (a, b) = (left.wholePart, right.wholePart)
        return a == b ? left.units < right.units : a < b
    }

    private var wholePart: Int128 {
        var units = units
        for _ in 0..<scale { units /= 10 }
        return units
    }
}

extension DecimalText: CustomStringConvertible {
    /// The text.
    public var description: String { text }
}
