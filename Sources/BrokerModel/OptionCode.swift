public import Bytes
public import Clocks

/// The code of a listed option in the United States, in the form of the Options Clearing Corporation without its blanks:
/// root, expiry `YYMMDD`, `C` or `P`, strike in thousandths with eight digits. `AAPL260117C00150000`
///
/// Longer runs of the strike's leading zeros are understood, and so is a strike without them, as some brokers write it.
public struct OptionCode: Hashable, Sendable {
    /// The underlying's root symbol, 1 to 6 characters.
    public let root: String
    /// The day it expires.
    public let expiry: CivilDate
    /// Call or put.
    public let right: OptionRight
    /// The strike in thousandths, below 100 million.
    public let strikeThousandths: Int64

    /// `nil` for a code of any other shape.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let letter = bytes.lastIndex(where: { !isDigit($0) }), letter >= 7, letter < bytes.count - 1,
            bytes.count - letter - 1 <= 8,
            let right = bytes[letter] == UInt8(ascii: "C")
                ? OptionRight.call : bytes[letter] == UInt8(ascii: "P") ? .put : nil,
            bytes[(letter - 6)..<letter].allSatisfy(isDigit),
            let expiry = CivilDate(compact: "20" + String(decoding: bytes[(letter - 6)..<letter], as: UTF8.self)),
            let strike = Int64(String(decoding: bytes[(letter + 1)...], as: UTF8.self)), strike > 0
        else { return nil }
        let root = String(decoding: bytes[..<(letter - 6)], as: UTF8.self)
        guard root.utf8.count <= 6 else { return nil }
        self.init(root: root, expiry: expiry, right: right, strikeThousandths: strike)
    }

    /// A code of its parts.
    public init(root: String, expiry: CivilDate, right: OptionRight, strikeThousandths: Int64) {
        self.root = root
        self.expiry = expiry
        self.right = right
        self.strikeThousandths = strikeThousandths
    }

    /// The canonical text.
    public var text: String {
        let strike = String(strikeThousandths)
        return prefix + String(repeating: "0", count: max(0, 8 - strike.utf8.count)) + strike
    }

    /// The text with the strike's leading zeros left out.
    public var shortText: String { prefix + String(strikeThousandths) }

    /// The strike as a price.
    public var strike: DecimalText { DecimalText(units: strikeThousandths, scale: 3) }

    private var prefix: String { root + expiry.compact.dropFirst(2) + (right == .call ? "C" : "P") }
}

/// Which way an option runs.
public enum OptionRight: String, Sendable, CaseIterable {
    case call, put
}
