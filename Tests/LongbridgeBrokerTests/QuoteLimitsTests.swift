import BrokerSessions
import Clocks
import Limits
import LongbridgeWire
import Testing

@testable import LongbridgeBroker

@Suite struct QuoteLimitsTests {
    private func profile(_ rules: [(QuoteCommand, Int32, Int32)]) -> Longbridge.Quote.UserQuoteProfileResponse {
        var profile = Longbridge.Quote.UserQuoteProfileResponse()
        profile.rateLimit = rules.map { command, limit, burst in
            var rule = Longbridge.Quote.RateLimit()
            rule.command = Longbridge.Quote.Command(rawValue: Int32(command.rawValue))
            rule.limit = limit
            rule.burst = burst
            return rule
        }
        return profile
    }

    /// When each of `count` calls goes, if each goes as early as it may and is answered at once.
    private func schedule(_ line: inout CallLine, _ command: QuoteCommand, _ count: Int) -> [Duration] {
        var now = Instant.zero
        return (0..<count).map { number in
            var decisions =
                line.arrive(number, QuoteLimits.call(command, at: now), deadline: now + .seconds(60), at: now) ?? []
            while decisions.isEmpty {
                now = line.nextDeadline(at: now) ?? now
                decisions = line.advance(at: now)
            }
            #expect(decisions == [.go(number)])
            line.end(number, at: now)
            return now - .zero
        }
    }

    private func line(_ profile: Longbridge.Quote.UserQuoteProfileResponse? = nil) -> CallLine {
        var line = QuoteLimits.line(LongbridgeBounds(), maximumWaiting: 1000)
        if let profile { line.buckets = QuoteLimits.buckets(profile) }
        return line
    }

    private static let window = QuoteLimits.window(of: .quote)

    @Test func theProfilesBucketsCountAsTheVendorsClientDoes() {
        var line = line(profile([(.depth, 2, 3)]))
        #expect(schedule(&line, .depth, 6) == [0, 0, 0, 500, 1000, 1500].map { .milliseconds($0) })
    }

    @Test func commandsWithoutABucketKnowTheCommonLimitOnly() {
        var line = line(profile([(.depth, 1, 1)]))
        let times = schedule(&line, .securityQuote, 21)
        #expect(times[9] == .zero)
        #expect(times[10] == Self.window)
        #expect(times[20] == Self.window * 2)
    }

    @Test func historyHasItsOwnWindow() {
        var line = line()
        let times = schedule(&line, .historyCandlesticks, 61)
        #expect(times[59] < .seconds(6))
        #expect(times[60] >= .seconds(30))
    }

    @Test func limitsOfZeroAndNonsenseAreNoLimits() {
        var none = line(profile([(.depth, 0, 5), (.trades, -1, -1), (.intraday, 5, 0)]))
        #expect(schedule(&none, .depth, 10).last == .zero)
        var huge = line(profile([(.depth, .max, .max)]))
        #expect(schedule(&huge, .depth, 11).last == Self.window)
    }

    @Test func aRefusalPausesEverythingAndLowersWhatMayGo() {
        var line = line()
        line.budgets[QuoteLimits.all].refused(pause: QuoteLimits.pauseAfterRefusal, at: .zero)
        let times = schedule(&line, .depth, 8)
        #expect(times == Array(repeating: .seconds(1), count: 7) + [.seconds(1) + Self.window])
    }

    @Test func theOwnersBoundsAreTheOnesInForce() {
        var bounds = LongbridgeBounds()
        bounds.quoteCalls = 2
        var line = QuoteLimits.line(bounds, maximumWaiting: 10)
        #expect(schedule(&line, .depth, 3) == [.zero, .zero, Self.window])
    }

    @Test func subscriptionsGoBeforeWhatIsAskedAndThatBeforeWhatNobodyWaitsFor() {
        var line = line()
        for number in 0..<10 {
            _ = line.arrive(number, QuoteLimits.call(.depth, at: .zero), deadline: .zero, at: .zero)
            line.end(number, at: .zero)
        }
        let later = Instant.zero + .seconds(60)
        #expect(line.arrive(10, QuoteLimits.call(.depth, at: .zero), deadline: later, at: .zero) == [])
        UpstreamCaller.$current.withValue(UpstreamCaller(name: "somebody")) {
            #expect(line.arrive(11, QuoteLimits.call(.depth, at: .zero), deadline: later, at: .zero) == [])
        }
        #expect(line.arrive(12, QuoteLimits.call(.subscribe, at: .zero), deadline: later, at: .zero) == [])
        #expect(line.advance(at: .zero + Self.window) == [.go(12), .go(11), .go(10)])
    }
}
