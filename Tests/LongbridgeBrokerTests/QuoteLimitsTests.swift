import Clocks
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

    /// When each of `count` calls goes, if each goes as early as it may.
    private func schedule(_ limits: inout QuoteLimits, _ command: QuoteCommand, _ count: Int) -> [Duration] {
        var now = Instant.zero
        return (0..<count).map { _ in
            now = limits.nextAdmission(command, at: now)
            limits.take(command, at: now)
            return now - .zero
        }
    }

    @Test func theProfilesBucketsCountAsTheVendorsClientDoes() {
        var limits = QuoteLimits()
        limits.apply(profile([(.depth, 2, 3)]))
        #expect(schedule(&limits, .depth, 6) == [0, 0, 0, 500, 1000, 1500].map { .milliseconds($0) })
    }

    @Test func commandsWithoutABucketKnowTheCommonLimitOnly() {
        var limits = QuoteLimits()
        limits.apply(profile([(.depth, 1, 1)]))
        let times = schedule(&limits, .securityQuote, 21)
        #expect(times[9] == .zero)
        #expect(times[10] == QuoteLimits.window)
        #expect(times[20] == QuoteLimits.window * 2)
    }

    @Test func historyHasItsOwnWindow() {
        var limits = QuoteLimits()
        let times = schedule(&limits, .historyCandlesticks, 61)
        #expect(times[59] < .seconds(6))
        #expect(times[60] >= .seconds(30))
    }

    @Test func limitsOfZeroAndNonsenseAreNoLimits() {
        var limits = QuoteLimits()
        limits.apply(profile([(.depth, 0, 5), (.trades, -1, -1), (.intraday, 5, 0)]))
        #expect(schedule(&limits, .depth, 10).last == .zero)
        limits.apply(profile([(.depth, .max, .max)]))
        #expect(limits.nextAdmission(.depth, at: .zero) - .zero == QuoteLimits.window)
    }

    @Test func aRefusalPausesEverything() {
        var limits = QuoteLimits()
        limits.refused(at: .zero)
        #expect(limits.nextAdmission(.depth, at: .zero) == .zero + .seconds(1))
        #expect(limits.nextAdmission(.depth, at: .zero + .seconds(2)) == .zero + .seconds(2))
    }
}
