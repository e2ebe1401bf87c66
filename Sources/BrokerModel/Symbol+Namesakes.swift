extension Symbol {
    /// What the code could have been meant for: securities of the markets whose codes have its shape, this one left out.
    /// Whether they exist only a broker knows.
    ///
    /// Hong Kong numbers its securities with up to five digits, Shanghai and Shenzhen with six whose first says which of
    /// the two (Shanghai 5, 6 and 9; Shenzhen 0 to 3), the United States names theirs by up to five letters.
    public var namesakes: [Symbol] {
        var found: [Symbol?] = []
        if code.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            let isMainland = market == .shanghai || market == .shenzhen
            if code.utf8.count <= 5 { found.append(Symbol(code: code, market: .hongKong)) }
            // On the mainland the leading zeros are part of the code, and easily left out.
            let six = isMainland ? String(repeating: "0", count: max(0, 6 - code.utf8.count)) + code : code
            if six.utf8.count == 6, let first = six.first {
                if "569".contains(first) { found.append(Symbol(code: six, market: .shanghai)) }
                if "0123".contains(first) { found.append(Symbol(code: six, market: .shenzhen)) }
            }
        } else if code.utf8.count <= 5, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) {
            found.append(Symbol(code: code, market: .unitedStates))
        }
        return found.compactMap(\.self).filter { $0 != self }
    }
}
