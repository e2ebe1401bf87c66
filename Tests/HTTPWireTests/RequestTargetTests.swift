import HTTPWire
import Testing

@Suite struct RequestTargetTests {
    @Test func segmentsAreDecoded() throws {
        let target = try #require(RequestTarget("/v1/depth/%37%30%30.HK/a%20b%C3%A9/%3B,@:!$&'()*+="))
        #expect(target.segments == ["v1", "depth", "700.HK", "a bé", ";,@:!$&'()*+="])
        #expect(RequestTarget("/")?.segments == [])
        #expect(RequestTarget("/a/")?.segments == ["a", ""])
        #expect(RequestTarget("/...")?.segments == ["..."])
        #expect(RequestTarget("/.a/..b/c.")?.segments == [".a", "..b", "c."])
    }

    @Test func queriesAreDecodedAsFormsAre() throws {
        let target = try #require(RequestTarget("/q?a=1&b=x+y%2Bz&c&&=d&a=2&e=%C3%A9/?:@=;"))
        let items = target.query.map { "\($0.name)=\($0.value)" }
        #expect(items == ["a=1", "b=x y+z", "c=", "=d", "a=2", "e=é/?:@=;"])
        #expect(target.rawPath == "/q" && target.rawQuery?.hasPrefix("a=1") == true)
        #expect(RequestTarget("/q")?.rawQuery == nil && RequestTarget("/q?")?.rawQuery == "")
        #expect(RequestTarget("/q?")?.query.isEmpty == true)
    }

    @Test(arguments: ["", "a", "*a", "//", "/a//", "/a/..", "/%2E%2e", "/a%2Fb", "/a b", "/é", "/a?b#c", "/a;b"])
    func whatIsNotCleanIsNoTarget(text: String) {
        #expect(RequestTarget(text) == nil)
    }

    @Test func authoritiesAreHostsAndPorts() throws {
        let plain = try #require(HTTPAuthority("Bridge.Example:8080"))
        #expect(plain.host == "bridge.example" && plain.port == 8080 && plain.description == "bridge.example:8080")
        let literal = try #require(HTTPAuthority("[2001:DB8::1]"))
        #expect(literal.host == "2001:db8::1" && literal.port == nil && literal.description == "[2001:db8::1]")
        #expect(HTTPAuthority(String(repeating: "a", count: 255)) != nil)
        for bad in [
            "", ":80", "a:", "a:0", "a:65536", "a:+1", "a:1 ", "[::1", "::1", "[]", "[1]", "a@b", "a/b", "a b",
            String(repeating: "a", count: 256),
        ] {
            #expect(HTTPAuthority(bad) == nil, "\(bad)")
        }
    }
}
