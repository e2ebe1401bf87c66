internal import Bytes
internal import Clocks

/// Where a security's price closes on any day: noise without state, so that every day of the archive can be asked for by
/// itself and is the same whenever it is asked for.
struct PricePath: Sendable {
    private let seed: UInt64

    init(seed: UInt64, symbol: String) {
        self.seed = PricePath.mixed(seed, PricePath.hash(symbol))
    }

    /// Days a swing takes, and how far it goes: days, weeks, months, quarters, years.
    private static let octaves: [(days: Int, share: Double)] = [
        (1, 0.008), (5, 0.02), (21, 0.04), (63, 0.07), (260, 0.15),
    ]

    /// The close of `date` as a factor on the security's price, within 0.71 and 1.29.
    func close(_ date: CivilDate) -> Double {
        let day = date.daysSinceEpoch
        var factor = 1.0
        for (index, octave) in PricePath.octaves.enumerated() {
            let cell = day / octave.days
            let share = Double(day % octave.days) / Double(octave.days)
            let smooth = share * share * (3 - 2 * share)
            let from = lattice(index, cell)
            factor += octave.share * (from + (lattice(index, cell + 1) - from) * smooth)
        }
        return factor
    }

    /// Random numbers for one purpose on one day.
    func random(_ date: CivilDate, _ purpose: UInt64) -> SplitMix64 {
        SplitMix64(
            seed: PricePath.mixed(seed &+ purpose &* 0x9E37_79B9, UInt64(bitPattern: Int64(date.daysSinceEpoch))))
    }

    /// A fixed value from -1 to 1.
    private func lattice(_ octave: Int, _ cell: Int) -> Double {
        var generator = SplitMix64(
            seed: PricePath.mixed(seed &+ UInt64(octave + 1) << 40, UInt64(bitPattern: Int64(cell))))
        return generator.signedUnit()
    }

    /// A stable hash of a text (FNV-1a).
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
    }

    static func mixed(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: first ^ (second &* 0xD6E8_FEB8_6659_FD93))
        return generator.next()
    }
}

extension SplitMix64 {
    /// A number below `bound`; the slight bias of the remainder does not matter to a simulation.
    mutating func next(below bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next() % UInt64(bound))
    }

    /// From 0 to 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// From -1 to 1.
    mutating func signedUnit() -> Double { unit() * 2 - 1 }
}
