import HTTPWire
import Testing

/// Every ASCII character against the standards' own wording, through the types that hold them.
@Suite struct CharacterSetTests {
    private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    private static let all = (0..<128).map { Character(UnicodeScalar(UInt8($0))) }

    private func accepted(_ isAccepted: (Character) -> Bool) -> Set<Character> {
        Set(CharacterSetTests.all.filter(isAccepted))
    }

    @Test func fieldNamesAreTokens() {
        #expect(accepted { HTTPFieldName("a\($0)") != nil } == Set(CharacterSetTests.letters + "!#$%&'*+-.^_`|~"))
    }

    @Test func pathsHoldWhatTheStandardAllowsButSemicolons() {
        // `/` would make an empty segment, `.` a forbidden one, `%` needs digits, `?` begins the query.
        #expect(
            accepted { RequestTarget("/a\($0)b") != nil } == Set(CharacterSetTests.letters + "-._~!$&'()*+,=:@/?"))
    }

    @Test func queriesHoldWhatTheStandardAllows() {
        #expect(
            accepted { RequestTarget("/?a\($0)b") != nil } == Set(CharacterSetTests.letters + "-._~!$&'()*+,;=:@/?"))
    }

    @Test func hostsAreUnreserved() {
        #expect(accepted { HTTPAuthority("a\($0)b") != nil } == Set(CharacterSetTests.letters + "-._~"))
        #expect(accepted { HTTPAuthority("[:\($0)]") != nil } == Set("0123456789abcdefABCDEF:."))
    }

    @Test func requestIDsAndEventNamesAreIdentifiers() {
        let identifiers = Set(CharacterSetTests.letters + "._-")
        #expect(accepted { RequestID("a\($0)") != nil } == identifiers)
        #expect(accepted { ServerSentEvent.Name("a\($0)") != nil } == identifiers)
    }

    @Test func fieldValuesHoldEverythingButControlCharacters() {
        let refused = accepted { ParserOutcome("GET / HTTP/1.1\r\nHost: a\r\nX: a\($0)b\r\n\r\n").error != nil }
        #expect(refused == Set(CharacterSetTests.all.filter { ($0 < " " && $0 != "\t") || $0 == "\u{7f}" }))
    }
}
