internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Limits

// Who calls: the keys, and what becomes of those that are wrong or work no more.
extension BridgeApplication {
    static let anybody = KeyHolder(name: "-", scopes: [], accounts: .only([]))

    /// Wrong keys an address may present: thirty at once, then one every two seconds.
    static var guessBudget: BucketTable<String> {
        BucketTable(bucket: TokenBucket(interval: .seconds(2), capacity: 30), maximumKeys: 10_000)
    }

    /// Who presents a key that works.
    func authenticate(_ request: HTTPRequest) throws(Problem) -> KeyHolder {
        var recent: KeyHolder?
        request.head.withOnlyValue(of: .authorization) { recent = recentKeys.holder(of: $0, now: WallTime.now) }
        if let recent { return recent }
        let presented = request.head.fields.values(of: .authorization)
        let now = WallTime.now()
        switch keys.authenticate(presented, peer: IPAddress(request.peerIP), now: now) {
        case .success(let found):
            let holder = placed(found)
            if let authorization = presented.first {
                recentKeys.add(authorization, holder, expires: keys.expiry(of: holder.name))
            }
            return holder
        case .failure(.malformed) where presented.count > 1:
            throw Problem(
                status: 400, code: "malformed_authorization", detail: "There is more than one Authorization field.")
        case .failure(let failure):
            metrics.refusedKeys += 1
            if failure == .unknown { try countGuess(from: request) }
            throw Problem(
                status: 401, code: "unauthenticated", detail: "A valid key is needed: Authorization: Bearer bb_….")
        }
    }

    /// Slows down who tries keys. A right one from the same address is never asked about this.
    private func countGuess(from request: HTTPRequest) throws(Problem) {
        guard case .refused(let retryAfter) = guesses.take(BridgeApplication.origin(request.peerIP), at: .now()) else {
            return
        }
        throw Problem(
            status: 429, code: "rate_limited", detail: "Too many wrong keys came from this address.", retryable: true,
            retryAfter: retryAfter)
    }

    /// The address, or of IPv6 the network that one subscriber has: its first 64 bits.
    static func origin(_ ip: String) -> String {
        guard let address = IPAddress(ip), address.isVersion6 else { return ip }
        return address.bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ".")
    }

    // MARK: Changes

    func take(configured newer: [KeyConfiguration]) {
        let kept = Set(newer.map(\.hash.bytes))
        for key in configuredKeys where !kept.contains(key.hash.bytes) { revokedKeys.insert(key.hash.bytes) }
        revokedKeys.subtract(kept)
        configuredKeys = newer
        renewKeys()
    }

    func take(stored: [StoredKey], revoked: [[UInt8]]) {
        storedKeys = stored
        revokedKeys.formUnion(revoked)
        renewKeys()
    }

    /// The key works for nobody from now on, on open streams too.
    func withdraw(_ stored: StoredKey) {
        withdrawnKeys.insert(stored.id)
        revokedKeys.insert(stored.key.hash.bytes)
        renewKeys()
    }

    /// What the configuration says of a name counts before what the state says.
    private func renewKeys() {
        let names = Set(configuredKeys.map(\.name))
        let stored = storedKeys.filter { !withdrawnKeys.contains($0.id) && !names.contains($0.key.name) }.map(\.key)
        keys = KeyRing(configuredKeys + stored)
        recentKeys.forget()
        hub.forgetAnswers()
        hub.revoke { [keys] in !keys.stillAccepts($0, now: .now()) }
    }

    // MARK: Streams

    /// Whether a stream is asked for with a key that worked once.
    func isOfRevokedKey(_ request: HTTPRequest) -> Bool {
        guard let hash = KeyRing.hash(of: request.head.fields.values(of: .authorization)) else { return false }
        return revokedKeys.contains(hash) || keys.hasExpired(hash: hash, now: .now())
    }

    /// 204 ends a browser's attempts to open the stream again.
    func stayAway(_ request: HTTPRequest, _ template: String) -> HTTPReply {
        trail.answered(request, template: template, key: nil, parameters: nil, 204)
        return .ready(HTTPResponse(status: 204, routeTemplate: template))
    }
}
