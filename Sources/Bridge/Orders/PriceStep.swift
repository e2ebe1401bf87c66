internal import BrokerModel
internal import Bytes

/// The steps of prices, where they are certain enough to refuse an order for.
enum PriceStep {
    /// Below a price, the step.
    ///
    /// - Source: Rules of the Exchange (Hong Kong), Second Schedule, Part A, as in force since 4 August 2025. From 0.50 to
    ///   10 it is 0.010; the announced second phase makes it 0.005, so that is what is held against an order.
    private static let hongKong: [(below: String, step: String)] = [
        ("0.25", "0.001"), ("0.5", "0.005"), ("10", "0.005"), ("20", "0.010"), ("50", "0.020"), ("100", "0.050"),
        ("200", "0.100"), ("500", "0.200"), ("1000", "0.500"), ("2000", "1"), ("5000", "2"),
    ]

    /// `nil` where the step is not known for sure; the broker judges then.
    ///
    /// - Source: the table above for Hong Kong's shares; SEC rule 612 for US shares.
    static func step(at price: DecimalText, of instrument: Instrument) -> DecimalText? {
        switch instrument.symbol.market {
        case .hongKong:
            guard instrument.board == "HKEquity" else { return nil }
            let row = hongKong.first { row in DecimalText(row.below).map { price < $0 } ?? false }
            return DecimalText(row?.step ?? "5")
        case .unitedStates:
            guard !isOption(instrument.symbol) else { return nil }
            return DecimalText(price < DecimalText(1) ? "0.0001" : "0.01")
        case .shanghai, .shenzhen, .singapore: return nil
        }
    }

    /// OCC form: behind the root six digits of a date, `C` or `P`, and a strike.
    private static func isOption(_ symbol: Symbol) -> Bool {
        symbol.code.utf8.count >= 12 && symbol.code.utf8.suffix(4).allSatisfy { (48...57).contains($0) }
    }
}
