internal import CYaml

/// What is wrong with a YAML text, and where.
struct YAMLProblem: Error, Sendable, Equatable {
    let location: SourceLocation
    let message: String
}

/// The bounds of a configuration document. They are far above any real one and far below what could hurt.
struct YAMLLimits: Sendable {
    var bytes = 1 << 20
    var depth = 12
    var nodes = 50_000
    var scalarBytes = 64 << 10
}

/// Reads one YAML document into a located tree, by libyaml's event interface.
///
/// Refused, because a configuration has no need of them and each has cost somebody something: aliases and anchors
/// (a few lines expand to gigabytes), tags (a text becomes an object), several documents in one file, keys that are not
/// texts, keys given twice.
struct YAMLReader {
    /// The tree, absent if the text is empty or broken, and everything found wrong with it.
    struct Outcome: Sendable, Equatable {
        var root: YAMLNode?
        var problems: [YAMLProblem]
    }

    static func read(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> Outcome {
        guard bytes.count <= limits.bytes else {
            let message = "the file is larger than \(limits.bytes) bytes"
            return Outcome(root: nil, problems: [.init(location: .init(line: 1, column: 1), message: message)])
        }
        // The mark some editors put in front of a text; libyaml would count it as a column and lose its way.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        return text.withUnsafeBufferPointer { input in
            var parser = yaml_parser_t()
            guard yaml_parser_initialize(&parser) == 1 else {
                return Outcome(
                    root: nil, problems: [.init(location: .init(line: 1, column: 1), message: "out of memory")])
            }
            // The parser keeps the input pointer only until it is deleted, inside this closure.
            defer { yaml_parser_delete(&parser) }
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, input.baseAddress, input.count)
            return withUnsafeMutablePointer(to: &parser) { pointer in
                var build = YAMLTreeBuilder(source: YAMLEventSource(parser: pointer, text: text), limits: limits)
                return build.document()
            }
        }
    }
}

/// One step of the document, copied out of libyaml's memory.
private struct YAMLEvent {
    enum Kind: Equatable {
        case streamStart, documentStart, documentEnd, streamEnd, alias
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    let kind: Kind
    let location: SourceLocation
    let hasAnchor: Bool
    let hasTag: Bool
}

/// Pulls events; the one place that touches libyaml's structures.
private struct YAMLEventSource {
    /// Owned by `YAMLReader.read`, which outlives this value.
    let parser: UnsafeMutablePointer<yaml_parser_t>
    /// What is read.
    let text: ArraySlice<UInt8>

    func next(scalarLimit: Int) throws(YAMLProblem) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let location = SourceLocation(event.start_mark)
        func made(_ kind: YAMLEvent.Kind, anchor: Bool = false, tag: Bool = false) -> YAMLEvent {
            YAMLEvent(kind: kind, location: location, hasAnchor: anchor, hasTag: tag)
        }
        switch event.type {
        case YAML_STREAM_START_EVENT: return made(.streamStart)
        case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
        case YAML_STREAM_END_EVENT: return made(.streamEnd)
        case YAML_ALIAS_EVENT: return made(.alias)
        case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
        case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return made(.sequenceStart, anchor: start.anchor != nil, tag: start.tag != nil)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return made(.mappingStart, anchor: start.anchor != nil, tag: start.tag != nil)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            guard scalar.length <= scalarLimit else {
                throw YAMLProblem(location: location, message: "a value is longer than \(scalarLimit) bytes")
            }
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw YAMLProblem(location: location, message: "the text is not valid UTF-8")
            }
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return made(.scalar(text, isPlain: isPlain), anchor: scalar.anchor != nil, tag: scalar.tag != nil)
        default:
            throw YAMLProblem(location: location, message: "the text ends where a value was expected")
        }
    }

    private func failure() -> YAMLProblem {
        let reason = parser.pointee.problem.map { String(cString: $0) } ?? "the text is not YAML"
        var location = SourceLocation(parser.pointee.problem_mark)
        if parser.pointee.error == YAML_READER_ERROR {
            // Characters are decoded far ahead of what is scanned: only the reader's count of bytes says where.
            location = SourceLocation(of: Int(clamping: parser.pointee.problem_offset), in: text)
        }
        return YAMLProblem(location: location, message: "not YAML: \(reason)")
    }
}

extension SourceLocation {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    /// The place of the byte `offset`; a column is a character, and everything before that byte is UTF-8.
    fileprivate init(of offset: Int, in text: ArraySlice<UInt8>) {
        let before = text.prefix(offset)
        let line = before[(before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? before.startIndex)...]
        let characters = line.count { $0 & 0xC0 != 0x80 }
        self.init(line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: characters + 1)
    }
}

/// Turns events into the tree. What can be read past (a key given twice) is noted; what cannot ends the reading.
private struct YAMLTreeBuilder {
    let source: YAMLEventSource
    let limits: YAMLLimits
    private var nodes = 0
    private var problems: [YAMLProblem] = []

    init(source: YAMLEventSource, limits: YAMLLimits) {
        self.source = source
        self.limits = limits
    }

    mutating func document() -> YAMLReader.Outcome {
        do throws(YAMLProblem) {
            let root = try readDocument()
            return YAMLReader.Outcome(root: root, problems: problems)
        } catch {
            return YAMLReader.Outcome(root: nil, problems: problems + [error])
        }
    }

    private func next() throws(YAMLProblem) -> YAMLEvent {
        try source.next(scalarLimit: limits.scalarBytes)
    }

    private mutating func readDocument() throws(YAMLProblem) -> YAMLNode? {
        _ = try next()  // the start of the stream
        guard try next().kind == .documentStart else { return nil }
        let root = try node(from: try next(), depth: 0)
        _ = try next()  // the end of the document
        let end = try next()
        guard end.kind == .streamEnd else {
            throw YAMLProblem(location: end.location, message: "a second document in the file")
        }
        return root
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLProblem) -> YAMLNode {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw YAMLProblem(location: event.location, message: "more than \(limits.nodes) values")
        }
        guard depth <= limits.depth else {
            throw YAMLProblem(location: event.location, message: "nested deeper than \(limits.depth) levels")
        }
        if event.hasAnchor { throw YAMLProblem(location: event.location, message: "anchors (&) are not accepted") }
        if event.hasTag { throw YAMLProblem(location: event.location, message: "tags (!) are not accepted") }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return YAMLNode(content: .scalar(text, isPlain: isPlain), location: event.location)
        case .sequenceStart:
            return YAMLNode(content: .sequence(try sequence(depth: depth)), location: event.location)
        case .mappingStart:
            return YAMLNode(content: .mapping(try mapping(depth: depth)), location: event.location)
        case .alias:
            throw YAMLProblem(location: event.location, message: "aliases (*) are not accepted")
        case .streamStart, .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            throw YAMLProblem(location: event.location, message: "a value was expected")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLProblem) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return items }
            items.append(try node(from: event, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLProblem) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try next()
            if event.kind == .mappingEnd { return entries }
            guard case .scalar(let key, _) = event.kind else {
                throw YAMLProblem(location: event.location, message: "a key must be a word, not a list or a section")
            }
            _ = try node(from: event, depth: depth)  // counts the key, refuses its anchor or tag
            let value = try node(from: try next(), depth: depth + 1)
            if let line = lines[key] {
                let message = "\(Quoted(key)) is given twice, first in line \(line)"
                problems.append(YAMLProblem(location: event.location, message: message))
            } else {
                lines[key] = event.location.line
                entries.append(.init(key: key, keyLocation: event.location, value: value))
            }
        }
    }
}
