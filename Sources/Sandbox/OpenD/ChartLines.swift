/// Lines of a chart over the closes of candles, oldest first: for the stock filter's shapes and comparisons.
struct ChartLines: Sendable {
    private let closes: [Double]
    private let highs: [Double]
    private let lows: [Double]

    /// Candles that are needed for the longest line and its past.
    static let candles = 320
    private static let lookBack = 20

    init(_ bars: [SimulatedBar]) {
        closes = bars.map { GatewayView.amount($0.close) }
        highs = bars.map { GatewayView.amount($0.high) }
        lows = bars.map { GatewayView.amount($0.low) }
    }

    // MARK: By the gateway's numbers

    /// A line's values, oldest first; `nil` for a field or parameters there are none for.
    func line(_ field: Int32, _ parameters: [Int32]) -> [Double]? {
        let lengths: [Int32: Int] = [2: 5, 3: 10, 4: 20, 5: 30, 6: 60, 7: 120, 8: 250]
        let given = parameters.map { Int($0) }
        guard given.allSatisfy({ (1...250).contains($0) }) else { return nil }
        switch field {
        case 1: return closes
        case 2...8: return lengths[field].map(average)
        case 9: return strength(given.first ?? 12)
        case 10...16: return lengths[field - 8].map { smoothed(closes, $0) }
        case 30: return given.first.map(average)
        case 40: return given.first.map { smoothed(closes, $0) }
        case 50, 51, 52: return stochastic(given)[Int(field) - 50]
        case 60, 61, 62: return divergence(given)[Int(field) - 60]
        case 70, 71, 72: return bands(given)[Int(field) - 70]
        default: return nil
        }
    }

    /// Whether the newest candles, so many of them, show a shape; `nil` for one there is not.
    func shows(_ pattern: Int32, periods: Int) -> Bool? {
        guard (1...20).contains(pattern) else { return nil }
        return (0..<max(1, min(periods, 12))).allSatisfy { shows(pattern, back: $0) }
    }

    private func shows(_ pattern: Int32, back: Int) -> Bool {
        switch pattern {
        case 1, 2: return isAligned([5, 10, 20, 30, 60].map(average), back, isRising: pattern == 1)
        case 3, 4: return isAligned([5, 10, 20, 30, 60].map { smoothed(closes, $0) }, back, isRising: pattern == 3)
        case 5: return isCrossing(strength(6), strength(12), back) && at(strength(6), back) < 50
        case 6: return isCrossing(strength(12), strength(6), back) && at(strength(6), back) > 50
        case 7, 8: return isDiverging(strength(12), back, isTop: pattern == 7)
        case 9, 10:
            let lines = stochastic([])
            return pattern == 9
                ? isCrossing(lines[0], lines[1], back) && at(lines[0], back) < 50
                : isCrossing(lines[1], lines[0], back) && at(lines[0], back) > 50
        case 11, 12: return isDiverging(stochastic([])[0], back, isTop: pattern == 11)
        case 13, 14:
            let lines = divergence([])
            return pattern == 13
                ? isCrossing(lines[0], lines[1], back) && at(lines[0], back) < 0
                : isCrossing(lines[1], lines[0], back) && at(lines[0], back) > 0
        case 15, 16: return isDiverging(divergence([])[0], back, isTop: pattern == 15)
        case 17: return at(closes, back) > at(bands([])[0], back)
        case 18: return at(closes, back) < at(bands([])[2], back)
        case 19: return isCrossing(closes, bands([])[1], back)
        default: return isCrossing(bands([])[1], closes, back)
        }
    }

    // MARK: Comparisons

    private func at(_ line: [Double], _ back: Int) -> Double {
        line.indices.contains(line.count - 1 - back) ? line[line.count - 1 - back] : 0
    }

    /// Whether the first line gets above the second with this candle.
    private func isCrossing(_ first: [Double], _ second: [Double], _ back: Int) -> Bool {
        ChartLines.isCrossing(
            (at(first, back + 1), at(first, back)), (at(second, back + 1), at(second, back)))
    }

    /// Values before and now.
    static func isCrossing(_ first: (Double, Double), _ second: (Double, Double)) -> Bool {
        first.0 <= second.0 && first.1 > second.1
    }

    private func isAligned(_ lines: [[Double]], _ back: Int, isRising: Bool) -> Bool {
        let values = lines.map { at($0, back) }
        return zip(values, values.dropFirst()).allSatisfy { isRising ? $0 > $1 : $0 < $1 }
    }

    /// Whether the close is at an end of its last candles and the line is not.
    private func isDiverging(_ line: [Double], _ back: Int, isTop: Bool) -> Bool {
        func isEnd(_ line: [Double]) -> Bool {
            let recent = line.dropLast(back).suffix(ChartLines.lookBack)
            return at(line, back) == (isTop ? recent.max() : recent.min())
        }
        return isEnd(closes) && !isEnd(line)
    }

    // MARK: The lines

    private func average(_ length: Int) -> [Double] {
        var sum = 0.0
        return closes.indices.map { index in
            sum += closes[index]
            if index >= length { sum -= closes[index - length] }
            return sum / Double(min(length, index + 1))
        }
    }

    private func smoothed(_ line: [Double], _ length: Int) -> [Double] {
        let weight = 2 / Double(length + 1)
        var value = line.first ?? 0
        return line.map { next in
            value += (next - value) * weight
            return value
        }
    }

    /// RSI: how much of the moves went up, in percent.
    private func strength(_ length: Int) -> [Double] {
        var up = 0.0
        var all = 0.0
        return closes.indices.map { index in
            let move = index == 0 ? 0 : closes[index] - closes[index - 1]
            up += (max(0, move) - up) / Double(length)
            all += (abs(move) - all) / Double(length)
            return all == 0 ? 50 : up / all * 100
        }
    }

    /// K, D and J.
    private func stochastic(_ parameters: [Int]) -> [[Double]] {
        let length = parameters.first ?? 9
        var k = 50.0
        var d = 50.0
        var lines: [[Double]] = [[], [], []]
        for index in closes.indices {
            let window = max(0, index - length + 1)...index
            let high = highs[window].max() ?? 0
            let low = lows[window].min() ?? 0
            let raw = high == low ? 50 : (closes[index] - low) / (high - low) * 100
            k += (raw - k) / 3
            d += (k - d) / 3
            for (line, value) in [k, d, 3 * k - 2 * d].enumerated() { lines[line].append(value) }
        }
        return lines
    }

    /// DIFF, DEA and the bar between them.
    private func divergence(_ parameters: [Int]) -> [[Double]] {
        let lengths = parameters.count == 3 ? parameters : [12, 26, 9]
        let difference = zip(smoothed(closes, lengths[0]), smoothed(closes, lengths[1])).map { $0 - $1 }
        let signal = smoothed(difference, lengths[2])
        return [difference, signal, zip(difference, signal).map { 2 * ($0 - $1) }]
    }

    /// The upper, the middle and the lower band.
    private func bands(_ parameters: [Int]) -> [[Double]] {
        let length = parameters.first ?? 20
        let width = Double(parameters.count > 1 ? parameters[1] : 2)
        let middle = average(length)
        let spread = closes.indices.map { index in
            let window = closes[max(0, index - length + 1)...index]
            let sum = window.reduce(0) { $0 + ($1 - middle[index]) * ($1 - middle[index]) }
            return (sum / Double(window.count)).squareRoot() * width
        }
        return [zip(middle, spread).map { $0 + $1 }, middle, zip(middle, spread).map { $0 - $1 }]
    }
}
