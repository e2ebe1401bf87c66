import Clocks
import Testing

@testable import Sandbox

@Suite struct ChartLinesTests {
    /// Candles of these closes, a cent wide.
    private func lines(_ closes: [Int64]) -> ChartLines {
        ChartLines(
            closes.enumerated().map { index, close in
                SimulatedBar(
                    start: WallTime(seconds: Int64(index) * 86_400), open: close, high: close + 10, low: close - 10,
                    close: close, volume: 100, turnover: close * 100)
            })
    }

    private var rising: ChartLines { lines((1...300).map { 10_000 + $0 * 100 }) }
    private var falling: ChartLines { lines((1...300).map { 50_000 - $0 * 100 }) }

    @Test func averagesAreOfTheNewestCloses() throws {
        let five = try #require(rising.line(2, []))
        #expect(abs((five.last ?? 0) - 39.8) < 1e-9)
        #expect(rising.line(30, [10])?.last == rising.line(3, [])?.last)
        #expect(rising.line(1, [])?.last == 40)
    }

    @Test func aTrendIsAlignedAndStrong() {
        for shape in [1, 3] as [Int32] {
            #expect(rising.shows(shape, periods: 12) == true && falling.shows(shape, periods: 1) == false)
            #expect(falling.shows(shape + 1, periods: 12) == true && rising.shows(shape + 1, periods: 1) == false)
        }
        #expect((rising.line(9, [])?.last ?? 0) > 99 && (falling.line(9, [])?.last ?? 100) < 1)
    }

    @Test func aTurnCrossesOnce() {
        let turned = (1...200).map { back in
            lines((1...(300 - Int64(back))).map { $0 < 200 ? 50_000 - $0 * 100 : 30_000 + ($0 - 200) * 400 })
        }
        #expect(turned.count { $0.shows(19, periods: 1) == true } == 1)
        #expect(turned.count { $0.shows(13, periods: 1) == true } == 1)
    }

    @Test func whatThereIsNotIsNone() {
        #expect(rising.shows(0, periods: 1) == nil && rising.shows(21, periods: 1) == nil)
        #expect(rising.line(99, []) == nil && rising.line(30, []) == nil && rising.line(30, [0]) == nil)
        // Nothing can be said of no candles, and nothing breaks.
        for shape in 1...20 as ClosedRange<Int32> { #expect(lines([]).shows(shape, periods: 12) != nil) }
        for field in 1...72 as ClosedRange<Int32> { #expect(lines([]).line(field, [5])?.isEmpty != false) }
    }
}
