internal import Bridge
internal import EventLoops
internal import HTTPCalling
internal import Storage

/// Finds out through which door the broker is reached from here: one question to a server of the vendor's at start.
///
/// - Source: `longbridge-http`, section 1.2: any 2xx of `geotest.lbkrs.com` within 5 s means mainland China. Without any
///   answer, what was found last time counts.
@LoopActor
enum RegionProbe {
    private static let place = "*"

    static func region(_ caller: HTTPCaller, _ store: any SecretKeeping) async -> LongbridgeRegion {
        let found: LongbridgeRegion
        do throws(HTTPCallError) {
            let result = try await caller.call(
                HTTPCall(url: "https://geotest.lbkrs.com", deadline: .seconds(5), maximumResponseBytes: 64 << 10))
            found = (200...299).contains(result.status) ? .cn : .global
        } catch {
            let kept = try? await store.read(.region, of: place)
            return kept.flatMap { $0 }.flatMap { LongbridgeRegion(rawValue: String(decoding: $0, as: UTF8.self)) }
                ?? .global
        }
        try? await store.write(Array(found.rawValue.utf8), .region, of: place)
        return found
    }
}
