import HTTPWire
import Testing

@Suite struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String { String(decoding: event.encoded(), as: UTF8.self) }

    @Test func anEventIsItsLinesAndAnEmptyOne() {
        #expect(
            text(ServerSentEvent(id: .init("e1-7"), name: "quote", data: Array("{}".utf8)))
                == "id: e1-7\nevent: quote\ndata: {}\n\n")
        #expect(text(ServerSentEvent(data: [])) == "data: \n\n")
        #expect(text(ServerSentEvent(data: Array(" x:".utf8))) == "data:  x:\n\n")
    }

    @Test(arguments: [
        ("a\nb", ["a", "b"]), ("a\rb", ["a", "b"]), ("a\r\nb", ["a", "b"]), ("a\n\rb", ["a", "", "b"]),
        ("a\r\rb", ["a", "", "b"]), ("a\n\nevent: evil", ["a", "", "event: evil"]), ("\r\n", ["", ""]),
        ("a\r", ["a", ""]),
        ("id: 1\rdata: 2", ["id: 1", "data: 2"]), ("a\u{2028}b\u{85}c", ["a\u{2028}b\u{85}c"]),
    ])
    func dataIsSplitAtEveryLineEndAReaderSees(data: String, lines: [String]) {
        let expected = lines.map { "data: \($0)\n" }.joined() + "\n"
        #expect(text(ServerSentEvent(data: Array(data.utf8))) == expected)
    }

    @Test func idsAndNamesCannotHoldALineEnd() {
        for bad in ["", "a b", "a\n", "a\r", "\0", "é", String(repeating: "a", count: 129)] {
            #expect(ServerSentEvent.ID(bad) == nil)
        }
        for bad in ["", "a b", "a:", "a\n", String(repeating: "a", count: 65)] {
            #expect(ServerSentEvent.Name(bad) == nil)
        }
        #expect(ServerSentEvent.ID("a:b/7")?.text == "a:b/7")
    }

    @Test func commentsAndRetryAreBlocksOfTheirOwn() {
        #expect(ServerSentEvent.comment() == Array(": \n\n".utf8))
        #expect(ServerSentEvent.comment("a\ndata: evil\rb") == Array(": a\n: data: evil\n: b\n\n".utf8))
        #expect(ServerSentEvent.retry(milliseconds: 2500) == Array("retry: 2500\n\n".utf8))
        #expect(ServerSentEvent.retry(milliseconds: -1) == Array("retry: 0\n\n".utf8))
    }
}
