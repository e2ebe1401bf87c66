// modules: Bytes Clocks Cryptography OAuth
import Bytes
import Clocks
import Cryptography
import OAuth

// What token endpoints, token files, discovery documents, registrations and the store of tokens say must not trap; a pair
// that was read is a pair that can be kept and read again, and no answer gives a token that could not be sent.

private func isSendable(_ secret: Secret) -> Bool {
    secret.withBytes { bytes in !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}

private func comesBack(_ pair: TokenPair) -> Bool {
    guard let again = TokenPair.stored(pair.encoded(refusal: "no")) else { return false }
    return again.pair.isSame(as: pair) && again.pair.expires == pair.expires && again.refusal == "no"
        && again.pair.clientID == pair.clientID && again.pair.origin == pair.origin
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for status in [200, 400, 401, 500] {
        switch TokenAnswer(status: status, body: bytes, retryAfter: String(decoding: bytes.prefix(20), as: UTF8.self)) {
        case .granted(let grant):
            precondition(status == 200 && isSendable(grant.access), "a token that cannot be sent")
            precondition(grant.refresh.map(isSendable) ?? true, "a refresh token that cannot be sent")
            precondition(grant.life >= .seconds(60) && grant.life <= .seconds(366 * 86_400), "a life that cannot be")
        case .refused, .unavailable: break
        }
    }
    if let pair = TokenPair(file: bytes) {
        precondition(isSendable(pair.access) && comesBack(pair), "a file that cannot be kept")
    }
    if let (pair, _) = TokenPair.stored(bytes) { precondition(comesBack(pair), "what was kept cannot be kept again") }
    _ = try? AuthorizationServer(document: bytes, base: "https://openapi.example.com")
    _ = try? ClientRegistration(status: 201, body: bytes, redirectURI: "http://localhost:8080/oauth/callback")
    _ = ClientRegistration(stored: bytes)
    _ = DeviceGrant.authorization(status: 200, body: bytes)
    return 0
}
