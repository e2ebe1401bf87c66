import BrokerModel
import Bytes
import Clocks
import OpenDWire
import Testing

@testable import OpenDBroker

private typealias Ledger = SubscriptionLedger
private typealias Item = SubscriptionLedger.Item

private let noon = Instant.zero

private func symbol(_ text: String) throws -> Symbol { try #require(Symbol(text)) }

/// A ledger that has counted its quota.
private func ledger(remaining: Int) -> Ledger {
    var ledger = Ledger()
    #expect(ledger.next(now: noon) == .count)
    ledger.counted(remaining: remaining)
    return ledger
}

@Suite struct SubscriptionLedgerTests {
    @Test func whatIsWantedIsSubscribedWithPushesAndAtOnceForAllAlike() throws {
        let (a, b) = (try symbol("700.HK"), try symbol("5.HK"))
        var ledger = ledger(remaining: 100)
        ledger.setWanted([Item(a, .basic), Item(a, .ticker), Item(b, .basic), Item(b, .ticker)])
        #expect(ledger.next(now: noon) == .subscribe([b, a], [.basic, .ticker], pushes: true))
        ledger.succeeded(now: noon)
        #expect(ledger.next(now: noon) == nil)
        #expect(ledger.used == 4)
        #expect(ledger.remaining == 96)
        #expect(ledger.limit == 100)
    }

    @Test func theUnitedStatesAreAskedForApartForTheirSessions() throws {
        let (a, b) = (try symbol("700.HK"), try symbol("AAPL.US"))
        var ledger = ledger(remaining: 100)
        ledger.setWanted([Item(a, .basic), Item(b, .basic)])
        #expect(ledger.next(now: noon) == .subscribe([a], [.basic], pushes: true))
        ledger.succeeded(now: noon)
        #expect(ledger.next(now: noon) == .subscribe([b], [.basic], pushes: true))
    }

    @Test func aPullIsHeldWithoutPushesAndReleasedOnceItIsIdle() throws {
        let a = try symbol("700.HK")
        var ledger = ledger(remaining: 100)
        ledger.pullBegan(Item(a, .ticker), now: noon)
        #expect(ledger.next(now: noon) == .subscribe([a], [.ticker], pushes: false))
        ledger.succeeded(now: noon)
        #expect(ledger.isHeld(Item(a, .ticker)))
        ledger.pullEnded(Item(a, .ticker), now: noon + .seconds(1))
        #expect(ledger.next(now: noon + .seconds(180)) == nil)
        let due = noon + .seconds(1) + Ledger.idleHold
        #expect(ledger.nextRelease(now: noon) == due)
        #expect(ledger.next(now: due) == .unsubscribe([a], [.ticker]))
        ledger.succeeded(now: due)
        #expect(ledger.used == 0)
        #expect(ledger.remaining == 100)
    }

    @Test func whatIsPulledAndThenWantedIsRegisteredAndTakenBackWhenNobodyWantsIt() throws {
        let a = try symbol("700.HK")
        var ledger = ledger(remaining: 100)
        ledger.pullBegan(Item(a, .ticker), now: noon)
        _ = ledger.next(now: noon)
        ledger.succeeded(now: noon)
        ledger.pullEnded(Item(a, .ticker), now: noon)
        ledger.setWanted([Item(a, .ticker)])
        #expect(!ledger.isLive(Item(a, .ticker)))
        #expect(ledger.next(now: noon) == .register([a], [.ticker]))
        ledger.succeeded(now: noon)
        #expect(ledger.isLive(Item(a, .ticker)))
        ledger.setWanted([])
        #expect(ledger.next(now: noon + .seconds(5)) == .unregister([a], [.ticker]))
        ledger.succeeded(now: noon + .seconds(5))
        // It stays held for the minute the gateway wants, and a while longer.
        #expect(ledger.next(now: noon + .seconds(62)) == nil)
        #expect(ledger.next(now: noon + .seconds(5) + Ledger.idleHold) == .unsubscribe([a], [.ticker]))
    }

    @Test func aFullQuotaReleasesTheLongestUnusedFirst() throws {
        let (a, b, c) = (try symbol("1.HK"), try symbol("2.HK"), try symbol("3.HK"))
        var ledger = ledger(remaining: 2)
        for (index, one) in [a, b].enumerated() {
            let now = noon + .seconds(index)
            ledger.pullBegan(Item(one, .ticker), now: now)
            _ = ledger.next(now: now)
            ledger.succeeded(now: now)
            ledger.pullEnded(Item(one, .ticker), now: now)
        }
        let later = noon + .seconds(100)
        ledger.pullBegan(Item(c, .ticker), now: later)
        #expect(ledger.next(now: later) == .unsubscribe([a], [.ticker]))
        ledger.succeeded(now: later)
        #expect(ledger.next(now: later) == .subscribe([c], [.ticker], pushes: false))
    }

    @Test func aYoungSubscriptionIsNotReleasedAndTheNewcomerIsToldWhen() throws {
        let (a, b) = (try symbol("1.HK"), try symbol("2.HK"))
        var ledger = ledger(remaining: 1)
        ledger.pullBegan(Item(a, .ticker), now: noon)
        _ = ledger.next(now: noon)
        ledger.succeeded(now: noon)
        ledger.pullEnded(Item(a, .ticker), now: noon)
        ledger.pullBegan(Item(b, .ticker), now: noon + .seconds(10))
        // The gateway is asked again before anybody is turned away.
        #expect(ledger.next(now: noon + .seconds(10)) == .count)
        ledger.counted(remaining: 0)
        #expect(
            ledger.next(now: noon + .seconds(10))
                == .refuse([Item(b, .ticker)], retryAfter: Ledger.minimumHold - .seconds(10)))
        #expect(ledger.next(now: noon + .seconds(10)) == nil)
        ledger.pullEnded(Item(b, .ticker), now: noon + .seconds(10))
        // Asked anew after the minute, there is room.
        ledger.pullBegan(Item(b, .ticker), now: noon + .seconds(61))
        #expect(ledger.next(now: noon + .seconds(61)) == .unsubscribe([a], [.ticker]))
    }

    @Test func whenEverythingIsWantedTheNewcomerIsRefusedOnce() throws {
        let (a, b) = (try symbol("1.HK"), try symbol("2.HK"))
        var ledger = ledger(remaining: 1)
        ledger.setWanted([Item(a, .basic)])
        _ = ledger.next(now: noon)
        ledger.succeeded(now: noon)
        ledger.setWanted([Item(a, .basic), Item(b, .basic)])
        #expect(ledger.next(now: noon) == .count)
        ledger.counted(remaining: 0)
        #expect(ledger.next(now: noon) == .refuse([Item(b, .basic)], retryAfter: nil))
        #expect(ledger.next(now: noon) == nil)
    }

    @Test func aRefusedRequestOfSeveralIsTriedOneByOne() throws {
        let (a, b) = (try symbol("1.HK"), try symbol("2.HK"))
        var ledger = ledger(remaining: 100)
        ledger.setWanted([Item(a, .basic), Item(b, .basic)])
        #expect(ledger.next(now: noon) == .subscribe([a, b], [.basic], pushes: true))
        #expect(ledger.failed(now: noon) == [])
        #expect(ledger.next(now: noon) == .subscribe([a], [.basic], pushes: true))
        #expect(ledger.failed(now: noon) == [Item(a, .basic)])
        #expect(ledger.next(now: noon) == .subscribe([b], [.basic], pushes: true))
        ledger.succeeded(now: noon)
        #expect(ledger.next(now: noon) == nil)
    }

    @Test func aLostConnectionIsSubscribedAnew() throws {
        let a = try symbol("1.HK")
        var ledger = ledger(remaining: 10)
        ledger.setWanted([Item(a, .basic)])
        _ = ledger.next(now: noon)
        ledger.succeeded(now: noon)
        ledger.connectionLost()
        #expect(!ledger.isHeld(Item(a, .basic)))
        #expect(ledger.next(now: noon) == .count)
        ledger.counted(remaining: 9)
        #expect(ledger.next(now: noon) == .subscribe([a], [.basic], pushes: true))
    }

    @Test func aReleaseTheGatewayRefusesIsTriedAMinuteLater() throws {
        let a = try symbol("1.HK")
        var ledger = ledger(remaining: 10)
        ledger.pullBegan(Item(a, .ticker), now: noon)
        _ = ledger.next(now: noon)
        ledger.succeeded(now: noon)
        ledger.pullEnded(Item(a, .ticker), now: noon)
        let due = noon + .seconds(200)
        #expect(ledger.next(now: due) == .unsubscribe([a], [.ticker]))
        #expect(ledger.failed(now: due) == [])
        #expect(ledger.next(now: due + .seconds(60)) == nil)
        #expect(ledger.next(now: due + .seconds(61)) == .unsubscribe([a], [.ticker]))
    }

    @Test func theCountNeverLeavesTheQuotaWhateverHappens() throws {
        var random = SplitMix64(seed: 8)
        let symbols = try (1...6).map { try symbol("\($0).HK") }
        var ledger = ledger(remaining: 5)
        var now = noon
        for _ in 0..<3000 {
            now = now + .seconds(Int.random(in: 0...40, using: &random))
            let item = Item(symbols.randomElement(using: &random) ?? symbols[0], .ticker)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: ledger.setWanted(Set(symbols.filter { _ in Bool.random(using: &random) }.map { Item($0, .ticker) }))
            case 1: ledger.pullBegan(item, now: now)
            default: ledger.pullEnded(item, now: now)
            }
            for _ in 0..<20 {
                guard let step = ledger.next(now: now) else { break }
                if step == .count { ledger.counted(remaining: 5 - ledger.used) } else { ledger.succeeded(now: now) }
            }
            #expect(ledger.used <= 5)
            #expect(ledger.next(now: now) == nil)
        }
    }
}
