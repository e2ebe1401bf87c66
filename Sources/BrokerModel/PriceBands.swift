public import Bytes

/// One band of an exchange's table of price steps.
public struct PriceBand: Equatable, Sendable {
    /// The band ends below this price; `nil` for the last.
    public var below: DecimalText?
    /// The step in it.
    public var step: DecimalText

    /// One band.
    public init(below: DecimalText?, step: DecimalText) {
        self.below = below
        self.step = step
    }
}

/// The steps prices move by, where an exchange's rules say them for sure.
public enum PriceBands {
    /// Hong Kong's table for shares and real estate trusts. Exchange-traded products have one of their own.
    ///
    /// - Source: Rules of the Exchange, Second Schedule, part A, as in force since 4 August 2025.
    public static let hongKongShares: [PriceBand] = bands([
        ("0.25", "0.001"), ("0.5", "0.005"), ("20", "0.01"), ("50", "0.02"), ("100", "0.05"), ("200", "0.1"),
        ("500", "0.2"), ("1000", "0.5"), ("2000", "1"), ("5000", "2"), (nil, "5"),
    ])

    /// A step that every price of a listed share in the United States may have. Some may be priced finer: those below one
    /// dollar, and those the half-cent rule names.
    ///
    /// - Source: Regulation NMS, rule 612.
    public static let unitedStatesShares = DecimalText(units: 1, scale: 2)

    /// Whether a code of the Stock Exchange of Hong Kong is in a range set aside for exchange-traded products.
    ///
    /// - Source: the exchange's stock code allocation plan.
    public static func isHongKongProduct(_ code: String) -> Bool {
        guard let number = Int(code) else { return false }
        return [
            2800...2849, 3000...3199, 3400...3499, 7200...7399, 7500...7599, 7700...7799, 9000...9199, 9400...9499,
            82_800...82_849, 83_000...83_199, 83_400...83_499, 87_200...87_399, 87_500...87_599,
        ].contains { $0.contains(number) }
    }

    private static func bands(_ rows: [(below: String?, step: String)]) -> [PriceBand] {
        rows.compactMap { row in
            DecimalText(row.step).map { PriceBand(below: row.below.flatMap { DecimalText($0) }, step: $0) }
        }
    }
}
