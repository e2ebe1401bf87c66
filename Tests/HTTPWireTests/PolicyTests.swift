import HTTPWire
import Testing

@Suite struct PolicyTests {
    private static let hosts = HostPolicy(
        names: ["bridge.example", "proxy.example:9443", "localhost:9000"].compactMap(HTTPAuthority.init))

    @Test(arguments: [
        ("127.0.0.1:8080", true), ("localhost:8080", true), ("LocalHost:8080", true), ("bridge.example", true),
        ("bridge.example:8080", true), ("proxy.example:9443", true), ("localhost:9000", true),
        ("127.0.0.1", false), ("localhost", false), ("127.0.0.1:8081", false), ("127.0.0.2:8080", false),
        ("bridge.example:8081", false), ("proxy.example", false), ("proxy.example:8080", false),
        ("bridge.example.", false), ("a.bridge.example", false), ("bridge.example.evil.test", false),
        ("evil.test:8080", false), ("localhost.evil.test:8080", false), ("2130706433:8080", false),
        ("[::1]:8080", false),
        ("", false), ("bridge.example,evil.test", false),
    ])
    func hostsAreComparedWholeAndWithTheirPort(host: String, isAllowed: Bool) {
        let verdict = PolicyTests.hosts.allows(host, localIP: "127.0.0.1", localPort: 8080, isTLS: false)
        #expect(verdict == isAllowed, "\(host)")
    }

    @Test func theSchemesOwnPortMayBeLeftOut() {
        let hosts = HostPolicy()
        #expect(hosts.allows("localhost", localIP: "127.0.0.1", localPort: 80, isTLS: false))
        #expect(hosts.allows("[::1]", localIP: "::1", localPort: 443, isTLS: true))
        #expect(!hosts.allows("localhost", localIP: "127.0.0.1", localPort: 80, isTLS: true))
        #expect(!hosts.allows(nil, localIP: "127.0.0.1", localPort: 80, isTLS: false))
    }

    private func head(_ origin: String?, _ method: HTTPMethod = .get, _ more: HTTPFields = [:]) throws
        -> HTTPRequestHead
    {
        var fields = more
        if let origin { fields.append("Origin", origin) }
        return try #require(HTTPRequestHead(method: method, target: "/", authority: "localhost:8080", fields: fields))
    }

    private static let pages = CORSPolicy(
        origins: ["https://app.example", "http://localhost:3000"], own: "https://bridge.example")

    @Test(arguments: [
        ("https://app.example", CORSPolicy.Origin.granted), ("http://localhost:3000", .granted),
        ("http://localhost:8080", .same), ("null", .foreign), ("https://app.example:444", .foreign),
        ("http://app.example", .foreign), ("https://app.example.evil.test", .foreign),
        ("https://xapp.example", .foreign),
        ("https://APP.example", .foreign), ("*", .foreign), ("", .foreign), ("https://localhost:8080", .same),
        ("https://bridge.example", .same), ("http://bridge.example", .foreign),
    ])
    func originsAreComparedWhole(origin: String, verdict: CORSPolicy.Origin) throws {
        #expect(PolicyTests.pages.origin(of: try head(origin), isTLS: false) == verdict)
    }

    @Test func aPageThatCameUnprotectedIsForeignToAServerWithTLS() throws {
        #expect(PolicyTests.pages.origin(of: try head("http://localhost:8080"), isTLS: true) == .foreign)
        #expect(PolicyTests.pages.origin(of: try head("https://localhost:8080"), isTLS: true) == .same)
    }

    @Test func onlyAGrantedOriginIsNamedAndCachesAreToldAlways() throws {
        let granted = PolicyTests.pages.fields(for: try head("https://app.example"), isTLS: false)
        #expect(granted["Access-Control-Allow-Origin"] == "https://app.example" && granted["Vary"] == "Origin")
        #expect(!granted.contains("Access-Control-Allow-Credentials"))
        for origin in ["null", "https://evil.test", nil] {
            #expect(PolicyTests.pages.fields(for: try head(origin), isTLS: false) == ["Vary": "Origin"])
        }
        #expect(CORSPolicy().fields(for: try head("https://evil.test"), isTLS: false).isEmpty)
        let two = try head("https://app.example", .get, ["Origin": "https://evil.test"])
        #expect(PolicyTests.pages.origin(of: two, isTLS: false) == .foreign)
    }

    @Test func aPreflightIsAnsweredForGrantedOriginsOnly() throws {
        let asked: HTTPFields = [
            "Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true",
        ]
        let pages = PolicyTests.pages
        let granted = try #require(
            pages.preflight(for: try head("https://app.example", .options, asked), isTLS: false, allow: "GET, HEAD"))
        #expect(granted["Access-Control-Allow-Methods"] == "GET, HEAD")
        #expect(granted["Access-Control-Allow-Private-Network"] == "true")
        #expect(granted["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        #expect(pages.preflight(for: try head("https://evil.test", .options, asked), isTLS: false, allow: "GET") == nil)
        #expect(pages.preflight(for: try head("null", .options, asked), isTLS: false, allow: "GET") == nil)
        #expect(pages.preflight(for: try head("https://app.example", .options), isTLS: false, allow: "GET") == nil)
        #expect(pages.preflight(for: try head("https://app.example", .get, asked), isTLS: false, allow: "GET") == nil)
    }
}
