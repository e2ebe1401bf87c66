import Testing

@testable import Bridge

@Suite struct YAMLReaderTests {
    private func read(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLReader.Outcome {
        YAMLReader.read(Array(text.utf8), limits: limits)
    }

    private func problem(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLProblem? {
        read(text, limits: limits).problems.first
    }

    @Test func everyNodeKnowsItsLineAndColumn() throws {
        let root = try #require(read("listen:\n  addresses:\n    - 127.0.0.1:80\n").root)
        guard case .mapping(let top) = root.content, let listen = top.first,
            case .mapping(let inner) = listen.value.content,
            let addresses = inner.first, case .sequence(let items) = addresses.value.content
        else {
            Issue.record("not the tree that was written")
            return
        }
        #expect(listen.keyLocation == SourceLocation(line: 1, column: 1))
        #expect(addresses.keyLocation == SourceLocation(line: 2, column: 3))
        #expect(items.map(\.location) == [SourceLocation(line: 3, column: 7)])
        #expect(items.map(\.content) == [.scalar("127.0.0.1:80", isPlain: true)])
    }

    @Test func quotedTextsAreToldFromPlainOnes() throws {
        let root = try #require(read("[\"10\", 10, '10', no, ~]").root)
        guard case .sequence(let items) = root.content else {
            Issue.record("not a list")
            return
        }
        let contents: [YAMLNode.Content] = [
            .scalar("10", isPlain: false), .scalar("10", isPlain: true), .scalar("10", isPlain: false),
            .scalar("no", isPlain: true), .scalar("~", isPlain: true),
        ]
        #expect(items.map(\.content) == contents)
        #expect(items.map(\.isNull) == [false, false, false, false, true])
    }

    @Test func aKeyGivenTwiceIsNotedAndTheRestIsRead() throws {
        let outcome = read("a: 1\nb: 2\na: 3\nb: 4\n")
        #expect(outcome.problems.map(\.location) == [.init(line: 3, column: 1), .init(line: 4, column: 1)])
        #expect(outcome.problems.first?.message == "'a' is given twice, first in line 1")
        #expect(outcome.root != nil)
    }

    @Test func whatAConfigurationNeverNeedsIsRefused() {
        #expect(problem("a: &x 1\nb: *x\n")?.message == "anchors (&) are not accepted")
        #expect(problem("a: *x\n")?.message == "aliases (*) are not accepted")
        #expect(problem("a: !!binary aGVsbG8=\n")?.message == "tags (!) are not accepted")
        #expect(problem("a: !x [1]\n")?.message == "tags (!) are not accepted")
        #expect(problem("a: 1\n---\nb: 2\n")?.message == "a second document in the file")
        #expect(problem("? [a, b]\n: 1\n")?.message == "a key must be a word, not a list or a section")
    }

    @Test func aBombOfAliasesEndsAtItsFirstLine() {
        let lines = (1...9).map {
            "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]"
        }
        let outcome = read("a0: &a0 [lol]\n" + lines.joined(separator: "\n"))
        #expect(outcome.root == nil)
        #expect(outcome.problems.map(\.location.line) == [1])
    }

    @Test func depthIsBoundedAtItsLimit() {
        let limits = YAMLLimits(depth: 3)
        #expect(problem("[[[1]]]", limits: limits) == nil)
        #expect(problem("[[[[1]]]]", limits: limits)?.message == "nested deeper than 3 levels")
        #expect(problem(String(repeating: "[", count: 5000)) != nil)
    }

    @Test func sizesAreBoundedAtTheirLimits() {
        #expect(problem("[1, 2, 3]", limits: YAMLLimits(nodes: 4)) == nil)
        #expect(problem("[1, 2, 3, 4]", limits: YAMLLimits(nodes: 4))?.message == "more than 4 values")
        #expect(problem("a: xxxx", limits: YAMLLimits(scalarBytes: 4)) == nil)
        #expect(problem("a: xxxxx", limits: YAMLLimits(scalarBytes: 4)) != nil)
        #expect(problem("a: 12", limits: YAMLLimits(bytes: 5)) == nil)
        #expect(problem("a: 123", limits: YAMLLimits(bytes: 5))?.message == "the file is larger than 5 bytes")
    }

    @Test func anEmptyTextIsNoTreeAndNoMistake() {
        for text in ["", "\n", "# only a comment\n"] {
            #expect(read(text).root == nil)
            #expect(read(text).problems.isEmpty)
        }
    }

    @Test func brokenTextsAreReportedWhereTheyBreak() {
        #expect(problem("a: 1\nb: [1, 2\nc: 3\n")?.location.line == 3)
        #expect(problem("a: \"open\n")?.message.hasPrefix("not YAML: ") == true)
        #expect(problem("\ta: 1")?.location == SourceLocation(line: 1, column: 1))
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes: [UInt8] in [[0x61, 0x3a, 0x20, 0xff], [0xff, 0xfe, 0x61, 0x00], [0x61, 0x00], [0xc3]] {
            #expect(!YAMLReader.read(bytes).problems.isEmpty)
        }
    }

    @Test func bytesThatAreNoTextAreFoundWhereTheyStand() {
        for (bytes, line, column) in [
            (Array("a: 1\nb: \"x".utf8) + [0xFF, 0x22], 2, 6), (Array("a: 1\nb: \u{4E2D}".utf8) + [0x00], 2, 5),
            ([0xC3], 1, 1), (Array(String(repeating: "# 40 kB\n", count: 5000).utf8) + [0x80], 5001, 1),
        ] {
            #expect(YAMLReader.read(bytes).problems.first?.location == SourceLocation(line: line, column: column))
        }
    }

    @Test func aMarkInFrontOfTheTextIsPassedOver() throws {
        let outcome = YAMLReader.read([0xEF, 0xBB, 0xBF] + Array("a: 1\nb:\n  c: 2\n".utf8))
        #expect(outcome.problems.isEmpty)
        #expect(outcome.root == YAMLReader.read(Array("a: 1\nb:\n  c: 2\n".utf8)).root)
        #expect(YAMLReader.read([0xEF, 0xBB, 0xBF]).problems.isEmpty)
    }

    @Test func everyCutOfADocumentEndsInATreeOrAProblem() {
        let text = Array("a: {b: [1, 'x', \"y\\n\"]}\nc: |\n  text\n  more\nd: >-\n  folded\n? e\n: f\n".utf8)
        for length in 0...text.count {
            let outcome = YAMLReader.read(Array(text.prefix(length)))
            #expect(outcome.root != nil || !outcome.problems.isEmpty || length == 0)
        }
        for index in text.indices {
            for flip: UInt8 in [0x01, 0x80, 0xff] {
                var changed = text
                changed[index] ^= flip
                _ = YAMLReader.read(changed)
            }
        }
    }
}
