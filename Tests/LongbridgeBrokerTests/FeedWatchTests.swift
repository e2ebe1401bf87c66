import Clocks
import Testing

@testable import LongbridgeBroker

@Suite struct FeedWatchTests {
    private let start = Instant.zero

    private func watch() -> FeedWatch {
        var watch = FeedWatch(patience: .seconds(20), maximum: .seconds(60))
        watch.begin(now: start)
        return watch
    }

    private func at(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    @Test func aFeedThatPushesIsNeverAskedAbout() {
        var watch = watch()
        for second in 1...200 {
            if second.isMultiple(of: 19) { watch.pushed(now: at(second)) }
            #expect(watch.timePassed(now: at(second)) == .nothing)
        }
    }

    @Test func volumesThatGrowWithoutAPushGiveTheFeedUpAfterAMoment() {
        var watch = watch()
        #expect(watch.timePassed(now: at(19)) == .nothing)
        #expect(watch.timePassed(now: at(20)) == .ask)
        #expect(watch.timePassed(now: at(25)) == .nothing)
        watch.answered(["700.HK": 100, "5.HK": 7], now: at(25))
        #expect(watch.timePassed(now: at(44)) == .nothing)
        #expect(watch.timePassed(now: at(45)) == .ask)
        watch.answered(["700.HK": 100, "5.HK": 8], now: at(45))
        #expect(watch.timePassed(now: at(46)) == .nothing)
        #expect(watch.timePassed(now: at(47)) == .giveUp)
        // It begins anew with the next link only.
        #expect(watch.timePassed(now: at(1000)) == .nothing)
        watch.begin(now: at(1000))
        #expect(watch.timePassed(now: at(1020)) == .ask)
    }

    @Test func aPushThatIsSlowerThanTheAnswerClearsTheDoubt() {
        var watch = watch()
        _ = watch.timePassed(now: at(20))
        watch.answered(["700.HK": 100], now: at(20))
        _ = watch.timePassed(now: at(40))
        watch.answered(["700.HK": 101], now: at(40))
        watch.pushed(now: at(41))
        #expect(watch.timePassed(now: at(43)) == .nothing)
        #expect(watch.timePassed(now: at(61)) == .ask)
    }

    @Test func aPushThatIsFasterThanTheAnswerMakesItCountForNothing() {
        var watch = watch()
        _ = watch.timePassed(now: at(20))
        watch.pushed(now: at(21))
        watch.answered(["700.HK": 100], now: at(22))
        #expect(watch.timePassed(now: at(41)) == .ask)
        watch.answered(["700.HK": 200], now: at(41))
        #expect(watch.timePassed(now: at(43)) == .nothing)
    }

    @Test func aMarketAtRestIsAskedAboutLessAndLess() {
        var watch = watch()
        var asked: [Int] = []
        for second in 1...300 where watch.timePassed(now: at(second)) == .ask {
            asked.append(second)
            // A new day begins at nothing.
            watch.answered(["700.HK": second > 100 ? 0 : 5], now: at(second))
        }
        #expect(asked == [20, 40, 80, 140, 200, 260])
        watch.pushed(now: at(300))
        #expect(watch.timePassed(now: at(320)) == .ask)
    }

    @Test func noAnswerProvesNothing() {
        var watch = watch()
        _ = watch.timePassed(now: at(20))
        watch.answered([:], now: at(25))
        #expect(watch.timePassed(now: at(45)) == .ask)
        watch.answered(["700.HK": 9], now: at(45))
        #expect(watch.timePassed(now: at(64)) == .nothing)
        #expect(watch.timePassed(now: at(65)) == .ask)
    }

    @Test func nothingIsAskedWhileNothingIsSubscribed() {
        var watch = watch()
        watch.end()
        #expect(watch.timePassed(now: at(100)) == .nothing)
        watch.pushed(now: at(100))
        watch.answered(["700.HK": 9], now: at(100))
        #expect(watch.timePassed(now: at(200)) == .nothing)
    }
}
