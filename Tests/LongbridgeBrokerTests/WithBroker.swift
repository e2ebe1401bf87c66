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

/// A scripted broker and an adapter that talks to it, both ended afterwards.
@LoopActor
func withBroker(
    heartbeat: Duration = .seconds(30), prefix: String = "",
    _ body: (ScriptedBroker, AdapterBench) async throws -> Void
) async throws {
    let upstream = try ScriptedBroker()
    let bench = AdapterBench(authority: upstream.authority, heartbeat: heartbeat, prefix: prefix)
    do {
        try await body(upstream, bench)
    } catch {
        await bench.broker.stop()
        await upstream.stop()
        throw error
    }
    await bench.broker.stop()
    await upstream.stop()
}
