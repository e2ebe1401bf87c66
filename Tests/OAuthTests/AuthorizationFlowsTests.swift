import Clocks
import Cryptography
import OAuth
import Testing

@Suite struct AuthorizationFlowsTests {
    private static let server = AuthorizationServer(base: "https://openapi.longbridge.com")
    private static let client = ClientRegistration(clientID: "client-1")
    private static let callback = "http://localhost:8080/oauth/callback"
    private static let noon = Instant.zero

    private static func begun(
        _ server: AuthorizationServer = server, byte: UInt8 = 1
    ) -> (flows: AuthorizationFlows, state: String, url: String) {
        var flows = AuthorizationFlows()
        let url = flows.begin(
            server: server, client: client, redirectURI: callback, scope: "4 6", random: random(byte), now: noon
        ).url
        return (flows, state(of: url), url)
    }

    private static func random(_ byte: UInt8) -> [UInt8] { (0..<64).map { byte &+ $0 } }

    private static func state(of url: String) -> String {
        String(url.split(separator: "&").first { $0.hasPrefix("state=") }?.dropFirst(6) ?? "")
    }

    @Test func theURLHoldsEverythingThePageNeedsAndNoSecret() throws {
        let (flows, state, url) = Self.begun()
        #expect(url.hasPrefix("https://openapi.longbridge.com/oauth2/authorize?response_type=code&client_id=client-1&"))
        #expect(url.contains("&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Foauth%2Fcallback&scope=4%206&state="))
        #expect(url.hasSuffix("&code_challenge_method=S256"))
        #expect(state.utf8.count == 43)
        var copy = flows
        let taken = try copy.callback([("state", state), ("code", "c")], now: Self.noon)
        #expect(taken.flow.proof.verifier.withBytes { !url.contains(String(decoding: $0, as: UTF8.self)) })
        #expect(url.contains("code_challenge=\(taken.flow.proof.challenge)&"))
    }

    /// RFC 7636, appendix B.
    @Test func theProofKeyIsTheOneOfTheStandard() {
        let bytes: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let key = ProofKey(random: bytes)
        #expect(key.verifier.matches(Array("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".utf8)))
        #expect(key.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func aStateIsGoodForOneCallback() throws {
        var (flows, state, _) = Self.begun()
        let (flow, code) = try flows.callback([("code", "c1"), ("state", state)], now: Self.noon)
        #expect(code.matches(Array("c1".utf8)))
        #expect(flow.redirectURI == Self.callback)
        #expect(throws: AuthorizationFlows.Refusal.unknownState) {
            try flows.callback([("code", "c1"), ("state", state)], now: Self.noon)
        }
    }

    private typealias Attack = (query: [(name: String, value: String)], refusal: AuthorizationFlows.Refusal)

    @Test func noAttackUsesTheFlowUp() throws {
        var (flows, state, _) = Self.begun()
        let attacks: [Attack] = [
            ([], .malformed), ([("code", "c")], .malformed), ([("state", state)], .malformed),
            ([("state", ""), ("code", "c")], .malformed), ([("state", "x"), ("code", "c")], .unknownState),
            ([("state", String(state.dropLast())), ("code", "c")], .unknownState),
            ([("state", state), ("code", "c"), ("code", "d")], .malformed),
            ([("state", state), ("state", state), ("code", "c")], .malformed),
            ([("state", state), ("code", "")], .malformed), ([("state", state), ("code", "a b")], .malformed),
            ([("state", state), ("code", String(repeating: "c", count: 5000))], .malformed),
            ([("state", state), ("error", "<script>alert(1)</script>")], .malformed),
            ([("state", state), ("error", "access_denied"), ("code", "c")], .malformed),
            ([("state", state), ("error", "access_denied")], .denied("access_denied")),
            ([("state", "x"), ("error", "access_denied")], .unknownState),
            ([("state", state), ("code", "c"), ("iss", "https://evil.example")], .wrongIssuer),
            ([("state", state), ("error", "access_denied"), ("iss", "https://evil.example")], .wrongIssuer),
        ]
        for attack in attacks {
            #expect(throws: attack.refusal, "\(attack.query)") { try flows.callback(attack.query, now: Self.noon) }
        }
        let good = [("state", state), ("code", "c"), ("iss", Self.server.issuer)]
        _ = try flows.callback(good, now: Self.noon)
    }

    @Test func aServerThatSaysItSendsItsNameMustSendIt() throws {
        var server = Self.server
        server.sendsIssuer = true
        var (flows, state, _) = Self.begun(server)
        #expect(throws: AuthorizationFlows.Refusal.wrongIssuer) {
            try flows.callback([("state", state), ("code", "c")], now: Self.noon)
        }
        _ = try flows.callback([("state", state), ("code", "c"), ("iss", server.issuer)], now: Self.noon)
    }

    @Test func aFlowEndsByItself() {
        var (flows, state, _) = Self.begun()
        let end = Self.noon + AuthorizationFlows.life
        #expect(flows.knows(state: state, now: end - .nanoseconds(1)))
        #expect(!flows.knows(state: state, now: end))
        #expect(throws: AuthorizationFlows.Refusal.unknownState) {
            try flows.callback([("state", state), ("code", "c")], now: end)
        }
    }

    @Test func ofNineFlowsTheOldestIsGone() {
        var flows = AuthorizationFlows()
        let states = (0..<9).map { number in
            Self.state(
                of: flows.begin(
                    server: Self.server, client: Self.client, redirectURI: Self.callback, scope: "",
                    random: Self.random(UInt8(number * 7)), now: Self.noon
                ).url)
        }
        #expect(Set(states).count == 9)
        #expect(states.map { flows.knows(state: $0, now: Self.noon) } == [false] + Array(repeating: true, count: 8))
        flows.removeAll()
        #expect(!states.contains { flows.knows(state: $0, now: Self.noon) })
    }
}
