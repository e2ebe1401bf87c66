import BrokerModel
import Bytes
import Clocks
import Cryptography
import EventLoops
import HTTPServing
import HTTPWire
import LongbridgeBroker
import LongbridgeWire
import Protobuf
import TestSupport
import Testing
import WebSockets

/// Eleven calls within the broker's second: run by itself, since a busy loop makes the second pass.
@Suite struct PacingDeadlineTests {
    init() { LoopRunner.start() }

    @LoopActor @Test func aCallWithoutPatienceIsRefusedWithATime() async throws {
        try await withBroker { upstream, bench in
            await bench.begin()
            let tencent = try symbol("700.HK")
            var refusal: BrokerFailure?
            for _ in 1...11 where refusal == nil {
                do throws(BrokerFailure) { _ = try await bench.broker.depth(tencent, wait: .zero) } catch {
                    refusal = error
                }
            }
            #expect(refusal?.kind == .rateLimited)
            let retryAfter = try #require(refusal?.retryAfter)
            #expect(retryAfter > .zero && retryAfter <= .milliseconds(1050))
            #expect(upstream.count(.depth) == 10)
            _ = try await bench.broker.depth(tencent, wait: .seconds(5))
        }
    }
}
