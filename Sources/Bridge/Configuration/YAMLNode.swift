/// A place in a configuration file; both numbers count from 1, columns in characters.
public struct SourceLocation: Sendable, Equatable, Hashable {
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in Unicode scalars.
    public let column: Int

    /// Both count from 1.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One value of a YAML document and where it stands.
///
/// Scalars keep their text: what type a text has is the reader's decision by the key it stands under, so `no`, `1_0` or
/// `0o17` never turn into something else behind the author's back.
struct YAMLNode: Sendable, Equatable {
    /// One `key: value` line of a mapping.
    struct Entry: Sendable, Equatable {
        let key: String
        let keyLocation: SourceLocation
        let value: YAMLNode
    }

    indirect enum Content: Sendable, Equatable {
        /// `isPlain` is false for quoted and block texts.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// Keys are unique.
        case mapping([Entry])
    }

    let content: Content
    let location: SourceLocation

    /// A key with nothing behind it, `~` or `null`, written plainly.
    var isNull: Bool {
        switch content {
        case .scalar(let text, let isPlain):
            return isPlain && (text.isEmpty || text == "~" || text.lowercased() == "null")
        case .sequence, .mapping:
            return false
        }
    }

    /// The word an error message uses for what stands here.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a section"
        }
    }
}
