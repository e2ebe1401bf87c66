/// Names as Swift wants them.
enum Naming {
    private static let keywords: Set<String> = [
        "as", "break", "case", "catch", "class", "continue", "default", "defer", "do", "else", "enum", "extension",
        "false", "for", "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil",
        "operator", "private", "protocol", "public", "repeat", "return", "self", "static", "struct", "subscript",
        "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while", "Type", "Protocol",
    ]

    /// `last_done` → `lastDone`, `C2S` → `c2s`; keywords in backticks.
    static func member(_ schemaName: String) -> String {
        let parts = schemaName.split(separator: "_").map(String.init)
        guard let first = parts.first else { return schemaName }
        let isShouting = schemaName.uppercased() == schemaName
        let head = isShouting ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
        let tail = parts.dropFirst().map { part in
            part.prefix(1).uppercased() + (isShouting ? part.dropFirst().lowercased() : String(part.dropFirst()))
        }
        let name = head + tail.joined()
        return keywords.contains(name) ? "`\(name)`" : name
    }

    /// `longbridge.quote` → `Longbridge`, `Quote`.
    static func namespaces(_ package: String) -> [String] {
        package.split(separator: ".").map { part in
            part.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
    }

    /// `.longbridge.quote.SecurityHistoryCandlestickRequest.DateQuery` → the Swift path.
    static func reference(_ typeName: String, package: String) -> String {
        let bare = typeName.drop { $0 == "." }
        guard bare.hasPrefix(package + ".") else { return String(bare) }
        return (namespaces(package) + bare.dropFirst(package.count + 1).split(separator: ".").map(String.init))
            .joined(separator: ".")
    }
}
