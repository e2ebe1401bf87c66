import Clocks
import Testing

@testable import Sandbox

@Suite struct SubscriptionLedgerTests {
    private let tencent = SubscriptionLedger.Unit(code: GatewayCode(GatewayCode.hongKong, "00700"), type: 1)
    private let apple = SubscriptionLedger.Unit(code: GatewayCode(GatewayCode.unitedStates, "AAPL"), type: 1)
    private let start = Instant.zero

    @Test func aUnitCountsOnceHoweverManyHoldIt() {
        var ledger = SubscriptionLedger()
        for connection in 1...3 as ClosedRange<UInt64> {
            let isTaken = ledger.subscribe([tencent], of: connection, isExtended: false, quota: 1, at: start)
            #expect(isTaken)
        }
        #expect(ledger.used(at: start) == [tencent])
        ledger.unsubscribe([tencent], of: 1)
        #expect(ledger.used(at: start) == [tencent])
    }

    @Test func theQuotaRefusesTheWhole() {
        var ledger = SubscriptionLedger()
        let isTooMuch = !ledger.subscribe([tencent, apple], of: 1, isExtended: false, quota: 1, at: start)
        #expect(isTooMuch)
        #expect(ledger.used(at: start).isEmpty && ledger.entry(1, tencent) == nil)
    }

    @Test func aConnectionThatEndsEarlyKeepsItsUnitsForTheMinute() {
        var ledger = SubscriptionLedger()
        let isTaken = ledger.subscribe([tencent], of: 1, isExtended: false, quota: 9, at: start)
        #expect(isTaken)
        ledger.close(1, minimum: .seconds(60), at: start + .seconds(59))
        #expect(ledger.used(at: start + .seconds(59)) == [tencent])
        #expect(ledger.used(at: start + .seconds(60)).isEmpty)
        let isTakenLater = ledger.subscribe([apple], of: 2, isExtended: false, quota: 9, at: start)
        #expect(isTakenLater)
        ledger.close(2, minimum: .seconds(60), at: start + .seconds(61))
        #expect(ledger.used(at: start + .seconds(61)).isEmpty)
    }

    @Test func subscribingAgainKeepsTheAge() {
        var ledger = SubscriptionLedger()
        let isTaken = ledger.subscribe([tencent], of: 1, isExtended: false, quota: 9, at: start)
        #expect(isTaken)
        #expect(ledger.tooYoung([tencent], of: 1, minimum: .seconds(60), at: start + .seconds(59)) == [tencent])
        let isTakenAgain = ledger.subscribe([tencent], of: 1, isExtended: true, quota: 9, at: start + .seconds(59))
        #expect(isTakenAgain)
        #expect(ledger.tooYoung([tencent], of: 1, minimum: .seconds(60), at: start + .seconds(60)).isEmpty)
        #expect(ledger.entry(1, tencent)?.isExtended == true)
    }

    @Test func onlyWhatIsHeldIsRegistered() {
        var ledger = SubscriptionLedger()
        let isTaken = ledger.subscribe([tencent], of: 1, isExtended: false, quota: 9, at: start)
        #expect(isTaken)
        ledger.register([tencent, apple], of: 1, adjustments: [1], isOn: true)
        #expect(ledger.registered == [tencent])
        ledger.register([tencent], of: 1, adjustments: [2], isOn: true)
        #expect(ledger.entry(1, tencent)?.pushes == [1, 2])
        ledger.register([tencent], of: 1, adjustments: [], isOn: false)
        #expect(ledger.registered.isEmpty && ledger.all == [tencent])
    }
}
