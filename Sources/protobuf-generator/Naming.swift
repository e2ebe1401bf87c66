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

    /// `.longbridge.quote.SecurityHistoryCandlestickRequest.DateQuery` → the Swift path, for a type of one of the packages.
    static func reference(_ typeName: String, packages: [String]) -> String {
        let bare = typeName.drop { $0 == "." }
        guard let package = packages.first(where: { bare.hasPrefix($0 + ".") }) else { return String(bare) }
        return (namespaces(package) + bare.dropFirst(package.count + 1).split(separator: ".").map(String.init))
            .joined(separator: ".")
    }

    /// The Swift name of an enumeration's value: without the enumeration's own name where all values begin with it.
    /// `QotMarket_HK_Security` → `hkSecurity`, `KLType_1Min` → `klType1Min`.
    static func value(_ name: String, of declared: EnumDescriptor) -> String {
        let prefix = declared.name + "_"
        guard declared.values.allSatisfy({ $0.name.hasPrefix(prefix) }) else { return member(name) }
        let rest = name.dropFirst(prefix.count)
        let kept = rest.first.map { $0.isLetter } == true ? String(rest) : name
        return member(lowered(kept))
    }

    /// The leading capitals small, but for one that begins a word: `HK_Security` → `hk_Security`, `KLType` → `klType`.
    private static func lowered(_ name: String) -> String {
        let capitals = name.prefix { $0.isUppercase }.count
        let rest = name.dropFirst(capitals)
        let count = capitals > 1 && rest.first.map { $0.isLowercase } == true ? capitals - 1 : capitals
        return name.prefix(count).lowercased() + name.dropFirst(count)
    }
}
