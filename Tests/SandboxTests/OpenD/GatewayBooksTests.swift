import Clocks
import OpenDWire
import Protobuf
import Testing

@testable import Sandbox

/// What the gateway keeps count of: calls, securities of the past, faults, reminders, lists.
@Suite struct GatewayBooksTests {
    private let start = Instant.zero
    private let now = WallTime(seconds: 1_795_154_400)
    private let tencent = GatewayCode(GatewayCode.hongKong, "00700")
    private let apple = GatewayCode(GatewayCode.unitedStates, "AAPL")

    @Test func fifteenOrdersOfAnAccountGoThroughInThirtySeconds() {
        var rates = GatewayRates()
        let first = (0..<15).map { rates.admits(2202, account: 1, at: start + .seconds($0)) }
        #expect(!first.contains(false))
        let isSixteenthAdmitted = !rates.admits(2202, account: 1, at: start + .seconds(15))
        #expect(isSixteenthAdmitted)
        let isOtherAdmitted = rates.admits(2202, account: 2, at: start + .seconds(15))
        #expect(isOtherAdmitted)
        let isLaterAdmitted = rates.admits(2202, account: 1, at: start + .seconds(31))
        #expect(isLaterAdmitted)
    }

    @Test func twoOrdersAtOnceAreTooMany() {
        var rates = GatewayRates()
        let isFirstAdmitted = rates.admits(2202, account: 1, at: start)
        #expect(isFirstAdmitted)
        let isSecondAdmitted = !rates.admits(2202, account: 1, at: start + .milliseconds(19))
        #expect(isSecondAdmitted)
    }

    @Test func whatIsAnsweredFromMemoryIsNotCounted() {
        var rates = GatewayRates()
        let cached = (0..<100).map { _ in rates.admits(2101, account: 1, at: start) }
        let refreshing = (0..<11).map { _ in rates.admits(2101, account: 1, isRefreshing: true, at: start) }
        let pulls = (0..<1000).map { _ in rates.admits(3004, at: start) }
        #expect(!cached.contains(false) && !pulls.contains(false))
        #expect(refreshing == Array(repeating: true, count: 10) + [false])
    }

    @Test func aSecurityOfThePastCountsForThirtyDays() {
        var quota = PastQuota()
        let isFirstAllowed = quota.use(tencent, limit: 1, now: now)
        #expect(isFirstAllowed)
        let isOnlyTheSameAllowed = quota.use(tencent, limit: 1, now: now) && !quota.use(apple, limit: 1, now: now)
        #expect(isOnlyTheSameAllowed)
        #expect(quota.used(at: now).map(\.code) == [tencent])
        let isLaterAllowed = quota.use(apple, limit: 1, now: now + .seconds(30 * 86_400))
        #expect(isLaterAllowed)
    }

    @Test func aFaultIsUsedUp() {
        var faults = GatewayFaults()
        faults.failures[1002] = .init(harm: .ignore, result: -1, message: "", times: 2)
        let isOtherUntouched = faults.failure(of: 1004) == nil
        #expect(isOtherUntouched)
        let isHarmedTwice = faults.failure(of: 1002)?.harm == .ignore && faults.failure(of: 1002) != nil
        #expect(isHarmedTwice)
        let isUsedUp = faults.failure(of: 1002) == nil
        #expect(isUsedUp)
        faults.failures[0] = .init(result: -1, message: "", times: nil)
        let lasting = (0..<5).map { _ in faults.failure(of: 1004)?.harm }
        #expect(lasting == Array(repeating: .refuse, count: 5))
    }

    @Test func pushesAreLostDoubledOrLate() {
        let pushes: [GatewayFaults.Push] = (0..<100).map { (UInt64($0), 2208, OpenD.TrdUpdateOrder.S2C()) }
        var faults = GatewayFaults()
        let isUnchanged = faults.mangled(pushes).map(\.connection) == pushes.map(\.connection)
        #expect(isUnchanged)
        faults.doubledPercent = 100
        let isDoubled = faults.mangled(pushes).count == 200
        #expect(isDoubled)
        faults.doubledPercent = 0
        faults.shuffledPercent = 50
        let shuffled = faults.mangled(pushes).map(\.connection)
        #expect(shuffled != pushes.map(\.connection) && shuffled.sorted() == pushes.map(\.connection))
        faults.lostPercent = 100
        let isLost = faults.mangled(pushes).isEmpty
        #expect(isLost)
    }

    @Test func aReminderIsToldAsOftenAsWanted() throws {
        let day = try #require(CivilDate(year: 2026, month: 11, day: 20))
        func fires(_ frequency: Int32) -> [Bool] {
            var reminders = GatewayReminders()
            let key = reminders.add(
                .init(code: tencent, type: 1, value: 1, note: "", frequency: frequency, sessions: []))
            return [true, true, false, true].map { reminders.isSetOff(key, isReached: $0, today: day) }
        }
        #expect(fires(1) == [true, false, false, true])
        #expect(fires(2) == [true, false, false, false])
        #expect(fires(3) == [true, false, false, false])
    }

    @Test func aListHoldsEachSecurityOnce() {
        var lists = UserLists()
        let isAdded = lists.add([tencent, apple, tencent], to: "Sandbox")
        #expect(isAdded)
        #expect(lists.codes("Sandbox") == [tencent, apple] && lists.codes("US") == [apple])
        let isOwnOnly = !lists.add([tencent], to: "All") && lists.codes("none") == nil
        #expect(isOwnOnly)
        lists.remove([tencent], from: "Favourites", everywhere: false)
        #expect(lists.codes("Sandbox") == [tencent, apple])
        lists.remove([tencent], from: "Favourites", everywhere: true)
        #expect(lists.codes("All") == [apple])
    }
}
