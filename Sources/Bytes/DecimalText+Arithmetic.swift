extension DecimalText {
    /// The exact sum, with the places of the more precise operand; `nil` beyond 38 digits.
    public func adding(_ other: DecimalText) -> DecimalText? {
        combined(with: other) { $0.addingReportingOverflow($1) }
    }

    /// The exact difference, with the places of the more precise operand; `nil` beyond 38 digits.
    public func subtracting(_ other: DecimalText) -> DecimalText? {
        combined(with: other) { $0.subtractingReportingOverflow($1) }
    }

    /// The exact product, with the places of both; `nil` beyond 38 digits or places.
    public func multiplied(by other: DecimalText) -> DecimalText? {
        let (product, overflow) = units.multipliedReportingOverflow(by: other.units)
        let scale = scale + other.scale
        guard !overflow, scale <= DecimalText.maximumDigits else { return nil }
        return DecimalText(wide: product, scale: scale).bounded
    }

    /// The quotient with `places` places (0 to 18), rounded half to even; `nil` for a zero divisor or too many digits.
    public func divided(by other: DecimalText, scale places: Int) -> DecimalText? {
        guard !other.isZero, (0...18).contains(places) else { return nil }
        let (top, bottom) = (normalized, other.normalized)
        var numerator = top.units
        var denominator = bottom.units
        let shift = places + bottom.scale - top.scale
        for _ in 0..<abs(shift) {
            let (product, overflow) = (shift > 0 ? numerator : denominator).multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            if shift > 0 { numerator = product } else { denominator = product }
        }
        return DecimalText(wide: DecimalText.halfEven(numerator, denominator), scale: places).bounded
    }

    /// The value with exactly `places` places (0 to 38), rounded half to even; `nil` when it would not fit.
    public func rounded(scale places: Int) -> DecimalText? {
        guard (0...DecimalText.maximumDigits).contains(places) else { return nil }
        if let units = rescaled(to: places) { return DecimalText(wide: units, scale: places).bounded }
        guard scale > places else { return nil }
        var divisor: Int128 = 1
        for _ in places..<scale { divisor *= 10 }
        return DecimalText(wide: DecimalText.halfEven(units, divisor), scale: places)
    }

    private func combined(
        with other: DecimalText, _ operation: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
    ) -> DecimalText? {
        let scale = max(scale, other.scale)
        guard let left = rescaled(to: scale), let right = other.rescaled(to: scale) else { return nil }
        let (value, overflow) = operation(left, right)
        return overflow ? nil : DecimalText(wide: value, scale: scale).bounded
    }

    /// Itself, if it has no more than 38 digits.
    private var bounded: DecimalText? {
        String(units.magnitude).utf8.count <= DecimalText.maximumDigits ? self : nil
    }

    /// `numerator` / `denominator` to the nearest whole number, ties to the even one. The denominator is not zero.
    private static func halfEven(_ numerator: Int128, _ denominator: Int128) -> Int128 {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        let rest = remainder.magnitude
        let half = denominator.magnitude - rest
        let awayFromZero: Int128 = (numerator < 0) == (denominator < 0) ? 1 : -1
        if rest > half || (rest == half && quotient % 2 != 0) { return quotient + awayFromZero }
        return quotient
    }
}
