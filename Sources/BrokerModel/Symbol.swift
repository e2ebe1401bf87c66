public import Bytes

/// A security in canonical form, `CODE.MARKET`: `700.HK`, `AAPL.US`, `.DJI.US`, `000001.SZ`, `AAPL260117C00150000.US`.
///
/// A value that exists is well formed; whether the security exists only a broker knows.
public struct Symbol: Hashable, Sendable {
    /// The code as the exchange writes it, upper case; Hong Kong codes without leading zeros.
    public let code: String
    /// The market it trades in.
    public let market: Market

    /// The longest code: OCC options have at most 6 + 6 + 1 + 8 characters, plus one for a leading point.
    public static let maximumCodeLength = 22

    /// Reads `700.HK`, `00700.HK`, `HK.00700`, `US.AAPL`, in either case. `nil` for any other shape.
    public init?(_ text: String) {
        guard text.utf8.count <= Symbol.maximumCodeLength + 3 else { return nil }
        let upper = text.uppercased()
        if let point = upper.lastIndex(of: "."),
            let market = Market(rawValue: String(upper[upper.index(after: point)...]))
        {
            self.init(code: String(upper[..<point]), market: market)
        } else if let point = upper.firstIndex(of: "."), let market = Market(rawValue: String(upper[..<point])) {
            self.init(code: String(upper[upper.index(after: point)...]), market: market)
        } else {
            return nil
        }
    }

    /// `nil` for a code that is empty, too long, or holds anything but ASCII letters, digits, `.`, `-` and `_`.
    public init?(code: String, market: Market) {
        var code = code.uppercased()
        guard !code.isEmpty, code.utf8.count <= Symbol.maximumCodeLength, code.utf8.allSatisfy(Symbol.isAllowed),
            code.utf8.contains(where: { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") })
        else { return nil }
        if market == .hongKong, code.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            code = String(code.drop { $0 == "0" })
            guard !code.isEmpty else { return nil }
        }
        self.code = market == .unitedStates ? OptionCode(code)?.text ?? code : code
        self.market = market
    }

    /// `700.HK`
    public var text: String { "\(code).\(market.rawValue)" }

    /// What one of it stands for where prices are per unit: 100 for a listed option in the United States, otherwise 1.
    ///
    /// Contracts that a split or merger has changed may stand for another number; their code does not say.
    public var unitsPerContract: DecimalText {
        DecimalText(market == .unitedStates && OptionCode(code) != nil ? 100 : 1)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension Symbol: CustomStringConvertible, Comparable {
    /// The canonical text.
    public var description: String { text }

    /// By market, then by code.
    public static func < (left: Symbol, right: Symbol) -> Bool {
        (left.market.rawValue, left.code) < (right.market.rawValue, right.code)
    }
}
