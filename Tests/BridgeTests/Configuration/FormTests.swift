import Testing

@testable import Bridge

@Suite struct FormTests {
    private func read<Value>(_ form: Form<Value>, _ text: String) -> (value: Value?, message: String?) {
        let context = ConfigurationContext(file: "f")
        guard let node = YAMLReader.read(Array(text.utf8)).root else { return (nil, "no YAML") }
        return (form.read(node, "key", context), context.problems.first?.message)
    }

    @Test(arguments: [
        ("10s", 10_000), ("0s", 0), ("250ms", 250), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000),
    ])
    func durationsCarryTheirUnit(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "10", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "01s", "1sec", "1_000s", "99999999999999999999s", "0x1s",
    ])
    func otherSpellingsOfDurationsAreRefused(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [("0B", 0), ("512B", 512), ("64KiB", 65_536), ("1MiB", 1 << 20), ("2GiB", 2 << 30)])
    func sizesCarryTheirUnit(text: String, bytes: Int) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test(arguments: ["", "1", "1K", "1kB", "1MB", "-1B", "1.5MiB", "999999999999999999GiB", "KiB"])
    func otherSpellingsOfSizesAreRefused(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test func defaultsAreShownInTheLargestUnit() {
        #expect(DurationText.text(.seconds(120)) == "2m")
        #expect(DurationText.text(.milliseconds(1500)) == "1500ms")
        #expect(DurationText.text(.zero) == "0s")
        #expect(ByteSize.text(16 << 10) == "16KiB")
        #expect(ByteSize.text(1025) == "1025B")
    }

    @Test func integersAndBooleansArePlainAndExact() {
        #expect(read(.integer(1...10), "10").value == 10)
        #expect(read(.integer(1...10), "11").message == "11 is outside 1 to 10")
        for text in ["'10'", "010", "+1", "1_0", "0x1", "1e1", "1.0", "ten", "~", "[1]"] {
            #expect(read(.integer(1...100), text).value == nil, "\(text)")
        }
        #expect(read(.boolean, "true").value == true)
        #expect(read(.boolean, "false").value == false)
        for text in ["yes", "no", "on", "True", "TRUE", "1", "'true'"] {
            #expect(read(.boolean, text).value == nil, "\(text)")
        }
    }

    @Test func aWordNearlyRightIsSuggested() {
        #expect(
            read(Form<LogLevel>.word, "waring").message
                == "'waring' is not one of debug, info, warning, error; did you mean warning?")
        #expect(read(Form<LogLevel>.word, "zzz").message == "'zzz' is not one of debug, info, warning, error")
    }

    @Test func whatIsShownFromOutsideIsBoundedAndHarmless() {
        #expect(Quoted("a\u{1b}[31m\n").description == "'a\u{FFFD}[31m\u{FFFD}'")
        #expect(Quoted(String(repeating: "x", count: 500)).description.count == Quoted.limit + 3)
    }

    @Test(arguments: ["127.0.0.1:8080", "[::1]:80", "0.0.0.0:0", "[2001:db8::1]:65535"])
    func addressesAreReadAndWrittenAlike(text: String) {
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: [
        "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80", "127.1:80", ":80",
        "[::1]", "1.2.3.4:+1",
    ])
    func otherSpellingsOfAddressesAreRefused(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func rangesHoldWhatTheirPrefixSays() throws {
        let range = try #require(AddressRange("10.1.0.0/16"))
        #expect(try range.contains(#require(IPAddress("10.1.255.3"))))
        #expect(try !range.contains(#require(IPAddress("10.2.0.0"))))
        #expect(try range.contains(#require(IPAddress("::ffff:10.1.2.3"))))
        #expect(try !range.contains(#require(IPAddress("::1"))))
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(#require(IPAddress("203.0.113.9"))))
        #expect(try #require(AddressRange("2001:db8::/33")).contains(#require(IPAddress("2001:db8:7fff::1"))))
        #expect(try !#require(AddressRange("2001:db8::/33")).contains(#require(IPAddress("2001:db8:8000::1"))))
        for text in ["10.1.0.1/16", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "x/8", "10.0.0.0/08a"] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }

    @Test func originsHaveNoPathAndNoWildcard() {
        #expect(read(.origin, "HTTPS://App.Example.com:8443").value == "https://app.example.com:8443")
        // As browsers write them: without the scheme's own port.
        #expect(read(.origin, "https://a.example:443/").value == "https://a.example")
        #expect(read(.origin, "http://a.example:80").value == "http://a.example")
        #expect(read(.origin, "http://a.example:443").value == "http://a.example:443")
        #expect(read(.origin, "'https://[::1]:443'").value == "https://[::1]")
        for text in [
            "'*'", "'null'", "app.example.com", "https://a.example/x", "https://*.example.com", "https://u@a.example",
            "ftp://a.example", "https://a.example?x",
        ] {
            #expect(read(.origin, text).value == nil, "\(text)")
        }
    }

    @Test func hostNamesAreExact() {
        #expect(read(.hostName, "Bridge.Example.com:443").value == "bridge.example.com:443")
        #expect(read(.hostName, "'[::1]:80'").value == "[::1]:80")
        for text in ["'*.example.com'", "-a.example", "a..b", "a_b", "a b", "a:0", "a:65536", "'[::1'"] {
            #expect(read(.hostName, text).value == nil, "\(text)")
        }
    }

    @Test func listsReportEveryItemThatIsWrong() {
        let context = ConfigurationContext(file: "f")
        let node = YAMLReader.read(Array("[1, x, 3, y]".utf8)).root
        #expect(node.flatMap { Form<[Int]>.list(of: .integer(1...9), count: 1...4).read($0, "k", context) } == [1, 3])
        #expect(context.problems.map(\.keyPath) == ["k[1]", "k[3]"])
    }
}
