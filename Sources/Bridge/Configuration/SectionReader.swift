/// Reads one mapping of the document: refuses keys the schema does not know, hands out the others by their settings.
struct SectionReader {
    /// Where this section stands, for messages: `accounts[0].longbridge`.
    let path: String
    /// Where it stands in the schema: `accounts[].longbridge`.
    let template: String
    let location: SourceLocation
    let context: ConfigurationContext
    private let entries: [String: YAMLNode.Entry]

    /// `nil`, after a report, when the node is not a mapping. An absent section (`nil` node) is an empty one.
    init?(_ node: YAMLNode?, path: String, template: String, location: SourceLocation, context: ConfigurationContext) {
        self.path = path
        self.template = template
        self.location = node?.location ?? location
        self.context = context
        guard let node, !node.isNull else {
            entries = [:]
            return
        }
        guard case .mapping(let list) = node.content else {
            context.report("expected a section of keys, found \(node.kind)", at: node.location, path: path)
            return nil
        }
        let known = ConfigurationSchema.children(of: template)
        var kept: [String: YAMLNode.Entry] = [:]
        for entry in list {
            if known.contains(entry.key) || known.contains("*") {
                kept[entry.key] = entry
            } else {
                let hint = nearest(to: entry.key, among: known).map { "; did you mean \($0)?" } ?? ""
                let inside = path.isEmpty ? "" : " in \(path)"
                let message = "unknown key \(Quoted(entry.key))\(inside)\(hint)"
                context.report(message, at: entry.keyLocation, path: Self.join(path, entry.key))
            }
        }
        entries = kept
    }

    /// The setting's value; `nil` when the key is absent or was reported.
    func optional<Value>(_ setting: Setting<Value>) -> Value? {
        context.noteAsked(setting.path)
        guard let entry = entries[setting.key] else { return nil }
        return setting.form.read(entry.value, Self.join(path, setting.key), context)
    }

    /// The setting's value, or `initial` when the key is absent or was reported.
    func value<Value>(_ setting: Setting<Value>, default initial: Value) -> Value {
        optional(setting) ?? initial
    }

    /// Reports an absent key.
    func required<Value>(_ setting: Setting<Value>) -> Value? {
        if entries[setting.key] == nil {
            context.noteAsked(setting.path)
            context.report("this key is required", at: location, path: Self.join(path, setting.key))
            return nil
        }
        return optional(setting)
    }

    func has(_ key: String) -> Bool { entries[key] != nil }

    func node(_ key: String) -> YAMLNode? { entries[key]?.value }

    /// Where the key's value stands, or else the section.
    func location(of key: String) -> SourceLocation { entries[key]?.value.location ?? location }

    func report(_ message: String, key: String) {
        context.report(message, at: location(of: key), path: Self.join(path, key))
    }

    /// The free names of a section such as `watch`, in the order of the file.
    var freeEntries: [YAMLNode.Entry] {
        entries.values.sorted {
            ($0.keyLocation.line, $0.keyLocation.column) < ($1.keyLocation.line, $1.keyLocation.column)
        }
    }

    func section(_ key: String) -> SectionReader? {
        SectionReader(
            entries[key]?.value, path: Self.join(path, key), template: Self.join(template, key), location: location,
            context: context)
    }

    /// The items of a list of sections; what is not a list, or not a section, is reported and left out.
    func sections(_ key: String, limit: Int) -> [SectionReader] {
        guard let node = entries[key]?.value, !node.isNull else { return [] }
        let path = Self.join(path, key)
        guard case .sequence(let items) = node.content else {
            context.report("expected a list, found \(node.kind)", at: node.location, path: path)
            return []
        }
        guard items.count <= limit else {
            context.report("more than \(limit) items", at: node.location, path: path)
            return []
        }
        return items.enumerated().compactMap { index, item in
            guard !item.isNull else {
                context.report(
                    "expected a section of keys, found nothing", at: item.location, path: "\(path)[\(index)]")
                return nil
            }
            return SectionReader(
                item, path: "\(path)[\(index)]", template: Self.join(template, "\(key)[]"), location: item.location,
                context: context)
        }
    }

    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
